import { button } from "./dom.js";
import { setTheme, theme } from "./theme.js";

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const NAMES = { auto: "Theme: auto", light: "Theme: light", dark: "Theme: dark" };

/** Steps through automatic, light and dark. */
export function themeButton() {
  const made = button(
    NAMES[theme()],
    () => {
      setTheme(NEXT[theme()]);
      made.textContent = NAMES[theme()];
    },
    { class: "quiet" },
  );
  return made;
}
