import { render } from "preact";

render(<p>mlflowflow</p>, document.getElementById("app")!);
