// Chromium over the pipe of its remote protocol, by playwright-core.
import { chmod, writeFile } from 'node:fs/promises';
import { chromium as engine } from 'playwright-core';

const flags = (origin) => [
	'--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic',
	'--disable-background-networking', '--disable-component-update',
	'--disable-dev-shm-usage', '--no-first-run', '--no-proxy-server',
	'--use-fake-device-for-media-stream=fps=8',
	'--use-fake-ui-for-media-stream',
	'--autoplay-policy=no-user-gesture-required',
	`--unsafely-treat-insecure-origin-as-secure=${origin}`,
];

export async function chromium({ inside, dir, url, more }) {
	const start = `${dir}.start`;

	// What playwright starts is one program: it enters the namespace.
	await writeFile(start, `#!/bin/sh\nexec ${inside.join(' ')} chromium "$@"\n`);
	await chmod(start, 0o755);
	const context = await engine.launchPersistentContext(dir, {
		executablePath: start, headless: true, chromiumSandbox: false,
		args: [...flags(new URL(url).origin), ...more], timeout: 60000,
		env: { ...process.env, HOME: dir },
	});
	const page = context.pages()[0] ?? await context.newPage();

	page.on('console', (m) => process.stderr.write(`${url}: ${m.text()}\n`));
	page.on('pageerror', (e) => process.stderr.write(`${url}: ${e}\n`));
	await page.goto(url);
	const version = await page.evaluate(() => navigator.userAgentData
		?.brands.find((b) => b.brand === 'Chromium')?.version ??
		navigator.userAgent);

	return {
		version: `Chromium ${version}`,
		async evaluate(expression) {
			const text = await page.evaluate(
				`(async () => JSON.stringify(await (${expression})))()`);

			return text === undefined ? null : JSON.parse(text);
		},
		close: () => context.close(),
	};
}
