// node build.mjs OUTDIR: makes the viewer's files from src/.
//
// OUTDIR/index.html        from the template beside this file
// OUTDIR/assets/NAME-HASH  scripts (main and one chunk a page), one stylesheet
// OUTDIR/openapi.json      ../openapi/*.json joined, where there are any
//
// All *.css below src/ are one stylesheet: style.css first, then by name.
// The sizes are printed; over the limit is an error.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { joinOpenapi } from './openapi.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, 'src');
const LIMIT_KB = 200;

function filesBelow(dir, ending) {
	const found = [];

	for (const entry of readdirSync(dir, { withFileTypes: true })) {
		const path = join(dir, entry.name);

		if (entry.isDirectory())
			found.push(...filesBelow(path, ending));
		else if (entry.name.endsWith(ending))
			found.push(path);
	}
	return found.sort();
}

/* The one stylesheet. */
const styles = {
	name: 'styles',
	setup(b) {
		b.onResolve({ filter: /^all-styles$/ }, () => ({
			path: 'style',
			namespace: 'styles',
		}));
		b.onLoad({ filter: /.*/, namespace: 'styles' }, () => {
			const first = join(src, 'style.css');
			const all = filesBelow(src, '.css').filter((f) => f !== first);
			const lines = [first, ...all].map((f) => `@import ${JSON.stringify(f)};`);

			return { contents: lines.join('\n'), loader: 'css', resolveDir: src };
		});
	},
};

function options(outdir) {
	return {
		absWorkingDir: here,
		entryPoints: [
			{ in: join(src, 'main.jsx'), out: 'main' },
			{ in: join(src, 'shell/boot.js'), out: 'boot' },
			{ in: 'all-styles', out: 'style' },
		],
		outdir: join(outdir, 'assets'),
		entryNames: '[name]-[hash]',
		chunkNames: '[name]-[hash]',
		assetNames: '[name]-[hash]',
		bundle: true,
		splitting: true,
		format: 'esm',
		minify: true,
		target: ['es2021', 'chrome100', 'firefox100', 'safari15.4'],
		jsx: 'automatic',
		jsxImportSource: 'preact',
		legalComments: 'none',
		metafile: true,
		logLevel: 'warning',
		plugins: [styles],
	};
}

function outputOf(meta, name) {
	const found = Object.entries(meta.outputs).find(([path, o]) =>
		o.entryPoint && basename(path).startsWith(`${name}-`));

	return found && { path: found[0], name: basename(found[0]), ...found[1] };
}

/* A chunk and all that it wants before it runs. */
function wanted(meta, path, found = new Set()) {
	if (found.has(path))
		return found;
	found.add(path);
	for (const i of meta.outputs[path].imports)
		if (i.kind === 'import-statement')
			wanted(meta, i.path, found);
	return found;
}

/* What the first page wants is asked for together with main, at once. */
function preloads(meta, main) {
	const search = Object.keys(meta.outputs)
		.find((p) => meta.outputs[p].entryPoint === 'src/pages/search/index.jsx');
	const all = new Set([...wanted(meta, main), ...wanted(meta, search)]);

	all.delete(main);
	return [...all].map((p) => basename(p));
}

function index(meta) {
	const main = outputOf(meta, 'main');
	const values = {
		main: main.name,
		boot: outputOf(meta, 'boot').name,
		style: outputOf(meta, 'style').name,
		preload: preloads(meta, main.path)
			.map((f) => `<link rel="modulepreload" href="/assets/${f}">`)
			.join('\n\t'),
	};

	return readFileSync(join(here, 'index.html'), 'utf8')
		.replace(/\{\{(\w+)\}\}/g, (all, name) => values[name]);
}

function report(outdir) {
	let total = 0;

	for (const path of filesBelow(outdir, '')) {
		const size = gzipSync(readFileSync(path), { level: 9 }).length;
		const counted = !path.endsWith('openapi.json');

		total += counted ? size : 0;
		console.log(`${String(size).padStart(8)}  ${relative(outdir, path)}`);
	}
	console.log(`${String(total).padStart(8)}  bytes gzipped, without openapi.json`);
	return total;
}

const outdir = process.argv[2] && resolve(process.argv[2]);

if (!outdir) {
	console.error('usage: node build.mjs OUTDIR');
	process.exit(2);
}
rmSync(join(outdir, 'assets'), { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
const { metafile } = await build(options(outdir));
writeFileSync(join(outdir, 'index.html'), index(metafile));
writeFileSync(join(outdir, 'openapi.json'),
	JSON.stringify(joinOpenapi(join(here, '../openapi'))) + '\n');
if (report(outdir) > LIMIT_KB * 1024) {
	console.error(`build.mjs: the viewer is over ${LIMIT_KB} KB gzipped; ` +
		'look at the sizes above for what grew');
	process.exit(1);
}
