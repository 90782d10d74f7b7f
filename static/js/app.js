/** Starts the page, and does nothing else. */
import { Page } from "./page.js";
import { startTheme } from "./views/theme.js";

startTheme();
new Page(document).start();
