/** The function of each page that is in the module: each page's own part adds itself here. */
export const PAGES = {};
