// The codes that the palette offers for what is typed.

const MOST = 40;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * The codes that have all words, those first whose name begins with the first word; without words the last one given first.
 * @param {{id: string, name: string, above: string, is_codable: boolean}[]} codes
 * @param {string} typed
 * @param {string} recent the id of the code that was given last
 * @returns {Object[]} at most forty
 */
export function codesFor(codes, typed, recent) {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  const rank = (code) => {
    const name = plain(code.name), all = plain(`${code.name} ${code.above} ${code.id}`);
    if (!wanted.every((word) => all.includes(word))) return 9;
    if (!wanted.length) return code.id === recent ? 0 : 1;
    return name.startsWith(wanted[0]) ? 0 : name.split(/\s+/).some((part) => part.startsWith(wanted[0])) ? 1 : name.includes(wanted[0]) ? 2 : 3;
  };
  const ranked = codes.filter((code) => code.is_codable).map((code) => [rank(code), code]).filter(([order]) => order < 9);
  return ranked.sort((a, b) => a[0] - b[0]).map(([, code]) => code).slice(0, MOST);
}
