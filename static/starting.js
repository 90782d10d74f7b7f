/* Says why there is no page: its script is not there, or the browser is too old for it. No module and old syntax only,
   so that every browser runs it. The policy of index.html allows no script inside it. */
(function () {
  "use strict";
  var BUILD =
    "The page is not built: its script vendor/page.js could not be loaded. Whoever runs this site builds it with " +
    "Node.js 20 or newer: npm ci && npm run build, in the folder static.";
  var OLD =
    "This browser is too old for this page. It works in Chrome and Edge 115, Firefox 115, Safari 16.4, and newer.";

  function say(text) {
    var place = document.getElementById("main");
    if (!place || !place.querySelector(".loading")) return; // the page has begun: it tells by itself what is wrong
    while (place.firstChild) place.removeChild(place.firstChild);
    var said = document.createElement("p");
    said.className = "failure";
    said.setAttribute("role", "alert");
    said.appendChild(document.createTextNode(text));
    place.appendChild(said);
  }

  // errors of loading do not bubble: they are caught on their way down
  addEventListener(
    "error",
    function (event) {
      var target = event.target;
      if (target && target.hasAttribute && target.hasAttribute("data-page")) say(BUILD);
      else if (event.error instanceof SyntaxError || event.error instanceof TypeError) say(OLD);
    },
    true
  );

  if (!("noModule" in document.createElement("script")))
    document.addEventListener("DOMContentLoaded", function () {
      say(OLD);
    });
})();
