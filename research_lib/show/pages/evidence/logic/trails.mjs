// What rests on what.

/**
 * What rests on each statement, and what each names: from the rows of other tables with the statements they name.
 * @param {[string, string[], number[][], (number|null)[]][]} rests a table, its rows' names, the statements that each names,
 *   and the statement that each is itself
 * @returns {{above: (at: number) => Map<string, Object[]>, below: (at: number) => number[]}}
 */
export function trails(rests) {
  const above = new Map(), below = new Map();
  for (const [table, names, named, own] of rests) {
    names.forEach((name, n) => {
      const itself = own[n] ?? undefined;
      for (const at of named[n]) {
        const tables = above.get(at) ?? new Map();
        above.set(at, tables.set(table, [...tables.get(table) ?? [], { name, itself }]));
      }
      if (itself !== undefined) below.set(itself, named[n]);
    });
  }
  return { above: (at) => above.get(at) ?? new Map(), below: (at) => below.get(at) ?? [] };
}
