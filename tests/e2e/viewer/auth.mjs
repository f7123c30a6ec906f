// Logging in by the form, roles, forged requests, sessions that end, and what
// the audit log shows of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function submit(t, { name, password }) {
	await t.page.fill('[name=user]', name);
	await t.page.fill('[name=password]', password);
	await t.page.click('[type=submit]');
}

/* Asks from inside of the page; { status, code }. */
function ask(t, path, init) {
	return t.page.evaluate(async ([url, options]) => {
		const answer = await fetch(url, options);

		return {
			status: answer.status,
			code: answer.status === 204 ? null : (await answer.json()).error?.code,
		};
	}, [path, init]);
}

/* A server whose sessions end when they are not used for four seconds. */
async function shortServer(t) {
	const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'viewer-auth-'));
	const conf = join(dir, 'conf');

	writeFileSync(conf, 'http-session-idle = 4s\n');
	const server = await t.serve(t.dir, ['-c', conf]);

	t.allow(/request to another origin: http:\/\/127\.0\.0\.1/);
	return { base: server.base, remove: () => rmSync(dir, { recursive: true }) };
}

export default [
	{
		name: 'the login page needs no script and is for everybody',
		async run(t) {
			await t.page.goto(`${t.base}/`);
			t.equal(await t.page.locator('script').count(), 0, 'scripts');
			t.equal(await t.page.evaluate(() => document.activeElement.name), 'user');
			for (const theme of ['light', 'dark']) {
				await t.theme(theme);
				await t.axeClean(`axe, ${theme}`);
				await t.screenshot(`login-${theme}`);
			}
			await t.screenshot('login-phone', { width: 390 });
		},
	},
	{
		name: 'a wrong password is told, the right one leads to where one wanted to go',
		async run(t) {
			t.allow(/status of 401/);
			await t.page.goto(`${t.base}/help?from=here`);
			t.equal(new URL(t.page.url()).pathname, '/', 'the way to the login page');
			await submit(t, { name: t.users.viewer.name, password: 'not this one' });
			t.equal(await t.page.textContent('[role=alert]'), 'Wrong name or password.');
			t.equal(await t.page.inputValue('[name=user]'), t.users.viewer.name);
			await t.axeClean();
			await submit(t, t.users.viewer);
			await t.page.waitForURL('**/help?from=here');
			const cookies = await t.context.cookies();

			t.equal(cookies.map((c) => [c.httpOnly, c.sameSite]), [[true, 'Strict']]);
			t.equal(await t.page.evaluate(() => document.cookie), '', 'scripts do not see it');
		},
	},
	{
		name: 'who may see the audit log, and who may not',
		async run(t) {
			t.allow(/status of 403/);
			await t.login('viewer');
			await t.goto('/help');
			t.equal(await ask(t, '/api/v1/audit'), { status: 403, code: 'forbidden' });
			await t.page.click('.menu.user > button');
			t.equal(await t.page.locator('a[href="/audit"]').count(), 0);
			await t.context.clearCookies();
			await t.login('admin');
			await t.goto('/help');
			await t.page.click('.menu.user > button');
			await t.page.click('a[href="/audit"]');
			await t.page.waitForSelector('[role=grid][aria-label="Audit log"]');
			const { entries } = await t.api('/audit?limit=1000');
			const first = t.page.locator('[role=row][aria-rowindex="2"]');

			t.ok(entries.some((e) => e.action === 'login' && e.user === t.users.admin.name));
			t.ok((await first.textContent()).includes(entries[0].user), 'the newest is first');
			await t.axeClean();
			await t.screenshot('audit-light');
			await t.screenshot('audit-dark', { theme: 'dark' });
			await t.screenshot('audit-phone', { width: 390 });
		},
	},
	{
		name: 'a request that another page made is refused',
		async run(t) {
			t.allow(/status of 403/);
			await t.login('viewer', { fresh: true });
			await t.goto('/help');
			t.equal(await ask(t, '/api/v1/logout', { method: 'POST' }),
				{ status: 403, code: 'csrf' }, 'without the token');
			t.equal(await ask(t, '/api/v1/logout', {
				method: 'POST', headers: { 'X-CSRF-Token': '0'.repeat(64) },
			}), { status: 403, code: 'csrf' }, 'with another token');
			const { csrf } = await t.api('/session');
			const forged = await t.context.request.post(`${t.base}/api/v1/logout`, {
				headers: { 'X-CSRF-Token': csrf, Origin: 'http://evil.example' },
			});

			t.equal(forged.status(), 403, 'from another origin');
			t.equal((await t.api('/session')).user, t.users.viewer.name, 'still logged in');
			t.equal(await ask(t, '/api/v1/logout', {
				method: 'POST', headers: { 'X-CSRF-Token': csrf },
			}), { status: 204, code: null }, 'as our own pages do it');
		},
	},
	{
		name: 'logging out ends the session',
		async run(t) {
			await t.login('viewer', { fresh: true });
			const before = await t.context.cookies();

			await t.goto('/help');
			await t.page.click('.menu.user > button');
			await t.page.click('text=Log out');
			await t.page.waitForSelector('form[action="/login"]');
			await t.context.addCookies(before);
			const answer = await t.context.request.get(`${t.base}/api/v1/session`);

			t.equal(answer.status(), 401, 'the cookie of before');
		},
	},
	{
		name: 'a session that ended leads to the login page and back',
		async run(t) {
			const { base, remove } = await shortServer(t);

			t.allow(/status of 401/);
			t.allow(/net::ERR_(ABORTED|INTERNET_DISCONNECTED)/);
			try {
				await t.page.goto(`${base}/`);
				await submit(t, t.users.viewer);
				await t.page.waitForURL((u) => u.pathname !== '/login');
				await t.page.goto(`${base}/help?from=here`);
				/* Nothing is asked meanwhile: the page's own questions would
				 * keep the session. */
				await t.context.setOffline(true);
				await t.page.waitForTimeout(4200);
				await t.context.setOffline(false);
				await t.page.click('header nav a[href="/registrations"]');
				await t.page.waitForSelector('form[action="/login"]');
				await submit(t, t.users.viewer);
				await t.page.waitForURL('**/registrations');
			} finally {
				remove();
			}
		},
	},
];
