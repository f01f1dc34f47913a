// Bundles what the browser loads into app/static/dist: names carry a hash of the content, and
// manifest.json says which name stands for which source (read by app/views/ui/assets.py).
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "..", "app", "static", "dist");
const tablerIcons = path.join(here, "node_modules", "@tabler", "icons", "icons", "outline");

/** Every icon that the templates use, by Tabler's name. */
const ICONS = [
  "alert-triangle", "api", "bell", "chevron-right", "circle-check", "circle-dashed",
  "circle-minus", "circle-x", "code", "device-floppy", "file-text", "home", "link", "list-check",
  "loader-2", "logout", "moon", "player-play", "player-stop", "plus", "refresh", "send", "user",
  "wand",
];

/** Bundle scripts and styles; returns logical name → hashed name. */
async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ["src/app.js", "src/editor.js", "src/theme.js", "src/app.css"],
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    legalComments: "linked",
    loader: { ".woff2": "file" },
    metafile: true,
    logLevel: "warning",
  });
  const outputs = Object.entries(result.metafile.outputs).filter(([, facts]) => facts.entryPoint);
  return outputs.map(([file, facts]) => [path.basename(facts.entryPoint), path.basename(file)]);
}

/** Write a file under a name that carries its hash. */
async function hashed(name, text) {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}-${digest}${ext}`;
  await writeFile(path.join(dist, file), text);
  return [name, file];
}

/** One file with all icons as symbols, used as `<use href="icons.svg#bell">`. */
async function sprite() {
  const symbols = await Promise.all(ICONS.map(async (name) => {
    const source = await readFile(path.join(tablerIcons, `${name}.svg`), "utf8");
    const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.indexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll(/\s*\n\s*/g, "")}</symbol>`;
  }));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const manifest = Object.fromEntries([
  ...(await bundle()),
  await hashed("icons.svg", await sprite()),
  await hashed("logo.svg", await readFile(path.join(here, "src", "logo.svg"), "utf8")),
]);
await writeFile(path.join(dist, "manifest.json"), JSON.stringify(manifest, null, 2));
