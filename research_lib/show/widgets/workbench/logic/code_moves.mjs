// Where a code can go from its place in the tree, by the key that takes it there.

/**
 * The codes in the order of the tree, each with its depth.
 * @param {any[]} codes
 * @returns {any[]}
 */
export function shownTree(codes) {
  const depths = new Map();
  return codes.map((code) => {
    const depth = code.parent_id === null ? 0 : depths.get(code.parent_id) + 1;
    depths.set(code.id, depth);
    return { ...code, depth };
  });
}

/**
 * The moves of a code: up and down among those beside it, out of its parent, and under the one before it.
 * @param {any[]} codes
 * @param {string} id
 * @returns {Record<string, {parent: string | null, before: string | null}>}
 */
export function movesOf(codes, id) {
  const code = codes.find((one) => one.id === id);
  const beside = codes.filter((one) => one.parent_id === code.parent_id), at = beside.indexOf(code), moves = {};
  const place = (parent, before) => ({ parent, before: before?.id ?? null });
  if (at > 0) {
    moves.ArrowUp = place(code.parent_id, beside[at - 1]);
    moves.ArrowRight = place(beside[at - 1].id);
  }
  if (at < beside.length - 1) moves.ArrowDown = place(code.parent_id, beside[at + 2]);
  const parent = codes.find((one) => one.id === code.parent_id);
  if (parent) {
    const above = codes.filter((one) => one.parent_id === parent.parent_id);
    moves.ArrowLeft = place(parent.parent_id, above[above.indexOf(parent) + 1]);
  }
  return moves;
}
