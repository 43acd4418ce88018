// The colours that people choose for codes: the hue is theirs, the lightness is that of readable text in each scheme.

/**
 * Give the rules that mark bars and words with each colour, as `#rrggbb`.
 * @param {string[]} colours
 * @returns {string}
 */
export function rulesOf(colours) {
  return [...new Set(colours)].filter(Boolean).map((colour) => {
    const name = colour.slice(1), shown = `oklch(from ${colour} var(--readable) c h)`;
    return `.desk .hue-${name} { --hue: ${shown}; }\n.desk .text::highlight(desk-${name}-0) { text-decoration: underline solid 2px ${shown}; }`;
  }).join("\n");
}
