// The tabs of the workbench beside the text. Each takes the bench, and gives a function from data to elements.

import { codesTab } from "./codes_tab.mjs";
import { consensusTab } from "./consensus_tab.mjs";
import { memosTab } from "./memos_tab.mjs";
import { passagesTab } from "./passages_tab.mjs";
import { searchTab } from "./search_tab.mjs";
import { suggestionsTab } from "./suggestions_tab.mjs";
import { teamTab } from "./team_tab.mjs";

/** The function of each tab by its name. */
export const TABS = { codes: codesTab, search: searchTab, passages: passagesTab, suggestions: suggestionsTab, consensus: consensusTab, memos: memosTab, team: teamTab };
