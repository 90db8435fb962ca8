import { render } from "preact";
import { App } from "./app.tsx";
import { takeKey } from "./ask.ts";

await takeKey();
render(<App />, document.body);
