import "./style/base.css";

import { render } from "preact";

import { App } from "./app.tsx";
import { watch } from "./core/live.ts";
import { listen } from "./core/router.ts";

listen();
watch();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
