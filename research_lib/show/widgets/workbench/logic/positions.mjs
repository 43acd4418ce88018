// Places in a text: UTF-16 units in the browser, code points in Python.

/** Between the browser's UTF-16 positions and code points; the same where no character needs two units. */
export class Positions {
  /** @param {string} text */
  constructor(text) {
    this.pairs = [];
    for (const match of text.matchAll(/[\u{10000}-\u{10ffff}]/gu)) this.pairs.push(match.index);
  }

  /**
   * @param {number} unit
   * @returns {number} code points before it
   */
  points(unit) {
    let low = 0, high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] < unit) low = middle + 1;
      else high = middle;
    }
    return unit - low;
  }

  /**
   * @param {number} point
   * @returns {number} UTF-16 units before it
   */
  units(point) {
    let low = 0, high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] - middle < point) low = middle + 1;
      else high = middle;
    }
    return point + low;
  }
}

/**
 * What would be coded: the selection without white space at its edges, or the sentence in which the caret stands.
 * @param {string} text
 * @param {[number, number][]} sentences
 * @param {[number, number]} selected
 * @returns {[number, number]} never half of a character
 */
export function stretchAt(text, sentences, [from, to]) {
  if (from === to) [from, to] = sentences.find(([, end]) => from <= end) ?? [from, to];
  while (from < to && /\s/.test(text[from])) from += 1;
  while (to > from && /\s/.test(text[to - 1])) to -= 1;
  if (/[\udc00-\udfff]/.test(text[from] ?? "")) from -= 1;
  if (/[\ud800-\udbff]/.test(text[to - 1] ?? "")) to += 1;
  return [from, to];
}
