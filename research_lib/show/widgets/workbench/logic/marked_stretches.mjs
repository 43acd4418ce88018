// Codings in a text: those at a place, the next one, and their bars side by side.

/**
 * The codings at the caret or the selection, and the one that is chosen.
 * @param {{id: string, from: number, to: number}[]} codings
 * @param {string|null} chosen
 * @param {number} from
 * @param {number} to
 * @returns {Object[]}
 */
export const codingsAt = (codings, chosen, from, to) => codings.filter((coding) => coding.id === chosen
  || (coding.from <= to && from <= coding.to && (coding.from < to || from < coding.to || from === to)));

/**
 * The next or previous coding in the text.
 * @param {{id: string, from: number, to: number}[]} codings
 * @param {string|null} chosen
 * @param {number} caret counts where none is chosen
 * @param {1|-1} way
 * @returns {Object|undefined}
 */
export function nextCoding(codings, chosen, caret, way) {
  const ordered = [...codings].sort((a, b) => a.from - b.from || a.to - b.to);
  const now = ordered.findIndex((coding) => coding.id === chosen);
  return now >= 0 ? ordered[now + way] : way > 0 ? ordered.find((c) => c.from >= caret) : ordered.findLast((c) => c.from < caret);
}

/**
 * Gives each bar a lane, so that bars that overlap stand side by side.
 * @param {{from: number, to: number}[]} bars in pixels from the top
 * @returns {{bars: Object[], lanes: number}} from the top on, each with its `lane`, and how many lanes there are
 */
export function inLanes(bars) {
  const ends = [];
  const ordered = [...bars].sort((a, b) => a.from - b.from || b.to - a.to);
  for (const bar of ordered) {
    let lane = ends.findIndex((end) => end <= bar.from + 1);
    if (lane < 0) lane = ends.length;
    ends[lane] = bar.to;
    bar.lane = lane;
  }
  return { bars: ordered, lanes: ends.length };
}
