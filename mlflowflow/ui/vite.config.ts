import { defineConfig } from "vite";

// The output goes into the package and is served by `mlff server`; names carry the digest of their
// content, so that a browser may keep them for ever.
export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "static",
    emptyOutDir: true,
    target: "es2023",
    license: { fileName: "licenses.md" },
    // An inlined file would be a data: address, which the content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
