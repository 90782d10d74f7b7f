/** The linter of all scripts: errors, unused names, and the length of the lines that prettier cannot break. */
import js from "@eslint/js";
import globals from "globals";

export default [
  // installed or generated
  { ignores: ["node_modules/", "vendor/", "coverage/", "telemetry.js", "telemetry.mjs", "telemetry.min.js"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "max-len": ["error", { code: 120 }],
      "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_" }],
      "no-useless-rename": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  { files: ["js/**"], languageOptions: { sourceType: "module", globals: globals.browser } },
  {
    files: ["telemetry/**"],
    languageOptions: { globals: { ...globals["shared-node-browser"], document: "readonly", location: "readonly" } },
  },
  { files: ["test/**", "*.mjs"], languageOptions: { globals: globals.node } },
  {
    // runs in browsers that are too old for the page
    files: ["starting.js"],
    languageOptions: { ecmaVersion: 5, sourceType: "script", globals: globals.browser },
    rules: { "no-var": "off", "object-shorthand": "off", "prefer-const": "off" },
  },
];
