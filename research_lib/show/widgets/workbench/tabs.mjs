// The tabs of the workbench beside the text. Each takes the bench, and gives a function from data to elements.

import { codesTab } from "./codes_tab.mjs";

/** The function of each tab by its name. */
export const TABS = { codes: codesTab };
