// What a test of a spec gets: `t`, with a browser page of its own.
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { users } from './program.mjs';

export class Skip extends Error {}

/* A narrow phone, and an ordinary screen. */
export const sizes = { phone: { width: 390, height: 844 }, wide: { width: 1360, height: 800 } };

/* Tells about what the CSP refused; runs in the page before its scripts. */
function tellRefused() {
	addEventListener('securitypolicyviolation', (e) =>
		console.error(`CSP refused ${e.violatedDirective} ${e.blockedURI}`));
}

/* Errors of the console, of scripts, and requests to elsewhere. */
function watch(context, base, found) {
	context.on('console', (m) => m.type() === 'error' &&
		found.push(`console: ${m.text()} ${m.location()?.url ?? ''}`));
	context.on('weberror', (e) => found.push(`script: ${e.error().stack}`));
	context.on('request', (r) => {
		const url = new URL(r.url());

		if (url.protocol.startsWith('http') && url.origin !== base)
			found.push(`request to another origin: ${r.url()}`);
	});
}

export class Test {
	/* The harness: { browser, server, dir, cookies, axe } */
	constructor(harness, name) {
		Object.assign(this, harness);
		this.name = name;
		this.found = [];
		this.allowed = [];
		this.servers = [];
		this.users = users;
	}

	async open() {
		this.base = this.server.base;
		this.context = await this.browser.newContext({
			baseURL: this.base, viewport: sizes.wide, timezoneId: 'Europe/Berlin',
			locale: 'en-GB', acceptDownloads: true,
		});
		this.context.setDefaultTimeout(20e3);
		await this.context.addInitScript(tellRefused);
		watch(this.context, this.base, this.found);
		this.page = await this.context.newPage();
	}

	async close() {
		await this.context?.close();
		for (const server of this.servers)
			await server.stop();
	}

	/* Logs in by the form, once a role; { fresh: true }: a session that may be
	 * ended without harm to other tests. */
	async login(role = 'analyst', { fresh = false } = {}) {
		if (fresh || !this.cookies[role]) {
			await this.page.goto(`${this.base}/`);
			await this.page.fill('[name=user]', users[role].name);
			await this.page.fill('[name=password]', users[role].password);
			await this.page.click('form button');
			await this.page.waitForSelector('header.top');
			if (!fresh)
				this.cookies[role] = await this.context.cookies();
		} else {
			await this.context.addCookies(this.cookies[role]);
		}
	}

	/* Opens a page of the app and waits until it has something. */
	async goto(path) {
		await this.page.goto(this.base + path);
		await this.page.waitForSelector('#main > *');
	}

	/* What the API says to whoever is logged in here. */
	async api(path) {
		const answer = await this.context.request.get(`${this.base}/api/v1${path}`);

		assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
		return answer.json();
	}

	/* Errors of the console that a test provokes: "status of 404". */
	allow(pattern) {
		this.allowed.push(pattern);
	}

	equal(got, wanted, what) {
		assert.deepEqual(got, wanted, what);
	}

	ok(value, what) {
		assert.ok(value, what);
	}

	skip(why) {
		throw new Skip(why);
	}

	async theme(name) {
		await this.page.emulateMedia({ colorScheme: name });
	}

	async size(name) {
		await this.page.setViewportSize(sizes[name] ?? name);
	}

	/* No serious or critical finding of axe, by these of its rules or all. */
	async axeClean(what = 'axe', rules = undefined) {
		await this.page.evaluate(this.axe);
		const findings = await this.page.evaluate(async (runOnly) => {
			const { violations } = await window.axe.run(document, {
				resultTypes: ['violations'],
				...(runOnly ? { runOnly } : {}),
			});

			return violations
				.filter((v) => ['serious', 'critical'].includes(v.impact))
				.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) =>
					`${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join('; ')}`);
		}, rules);

		assert.deepEqual(findings, [], what);
	}

	/* SHOTS/NAME.png, where SHOTS is set. */
	async screenshot(name, { theme, width } = {}) {
		if (!process.env.SHOTS)
			return;
		const before = this.page.viewportSize();

		mkdirSync(process.env.SHOTS, { recursive: true });
		if (theme)
			await this.theme(theme);
		if (width)
			await this.page.setViewportSize({ width, height: width < 640 ? 844 : 800 });
		await this.page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) });
		await this.page.setViewportSize(before);
	}

	/* Another server for this test alone; ended with it. */
	async serve(dir, options) {
		const server = await this.startServer(dir, options);

		this.servers.push(server);
		return server;
	}

	/* What happened that nobody allowed. */
	unexpected() {
		return this.found.filter((f) => !this.allowed.some((a) => f.match(a)));
	}
}
