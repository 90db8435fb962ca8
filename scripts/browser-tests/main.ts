/** Opens the page of `parrot ui` in a real browser, over runs against the simulator. Takes some ten seconds. */
import { findChromium, installChromium } from "./find-chromium.ts";
import { testLivePage } from "./live-page-tests.ts";
import { testPage } from "./page-tests.ts";

const chromium = findChromium() ?? installChromium();
if (chromium === undefined) {
  console.log(
    "The tests in a browser did NOT run: there is no Chromium on this machine. Install it (Debian: apt-get install chromium), or name it in PARROT_CHROMIUM.",
  );
} else {
  testPage(chromium);
  testLivePage(chromium);
}
