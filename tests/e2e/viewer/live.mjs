// Calls as they run: a real run is fed packets in real time.
import { Call, startRun } from './running.mjs';

const row = (user) => `.table .row:has-text("+${user}")`;

async function running(t, run, { role = 'analyst', path = '/live' } = {}) {
	t.base = run.base;
	t.allow(new RegExp(`request to another origin: ${run.base}`));
	await t.login(role, { fresh: true });
	await t.goto(path);
	await t.page.mouse.move(2, 2); /* away from the table */
}

/* A run for one test, stopped in any case. */
function withRun(f, options) {
	return async (t) => {
		const run = await startRun(options);

		try {
			await f(t, run);
		} finally {
			/* Nothing asks any more when it goes. */
			await t.page.goto('about:blank');
			await run.stop();
		}
	};
}

async function cells(t, user) {
	return t.page.$$eval(`${row(user)} [role=gridcell]`, (all) =>
		all.map((c) => c.textContent));
}

/* Until f() of the cells is true. */
async function until(t, user, f, what) {
	for (let tries = 0; tries < 300; tries++) {
		const now = await cells(t, user);

		if (now.length && f(now))
			return now;
		await t.page.waitForTimeout(50);
	}
	throw new Error(`${what}: ${await cells(t, user)}`);
}

export default [
	{
		name: 'a call appears, rings, talks, ends, and leads to its record',
		run: withRun(async (t, run) => {
			const call = new Call(1, { loses: 5 });

			await running(t, run);
			await t.page.waitForSelector('text=No open calls');
			run.calls.push(call);
			run.send(call.invite());
			await until(t, call.user, (c) => c[1] === 'trying', 'trying');
			t.equal((await cells(t, call.user))[3], 'bob', 'callee');
			run.send(call.ringing());
			await until(t, call.user, (c) => c[1] === 'ringing', 'ringing');
			run.send(call.answer());
			const up = await until(t, call.user, (c) => c[1] === 'up' && c[4] === 'PCMA' &&
				/^0\D*[12]\d\./.test(c[6]), 'it is up, and the callee loses a fifth');

			t.ok(/^4\.[34]/.test(up[5]), `the caller's MOS: ${up[5]}`);
			t.ok(await t.page.$(`${row(call.user)} .bad`), 'the callee is red');
			t.ok(!await t.page.$(`${row(call.user)} a`), 'no record yet');
			t.equal(await t.page.textContent('.live-count'), '1 call open');
			await t.axeClean();
			await t.screenshot('live', { theme: 'light' });
			await t.screenshot('live-dark', { theme: 'dark' });
			await t.screenshot('live-phone', { theme: 'light', width: 390 });
			run.send(call.bye());
			await t.page.hover(row(call.user));
			await until(t, call.user, (c) => c[1] === 'completed', 'completed');
			await t.page.click(`${row(call.user)} a`);
			await t.page.waitForURL('**/call/*');
		}),
	},
	{
		name: 'what is over leaves, with the pointer elsewhere',
		run: withRun(async (t, run) => {
			const call = new Call(2);

			await running(t, run);
			run.calls.push(call);
			run.send(Buffer.concat([call.invite(), call.answer()]));
			await until(t, call.user, (c) => c[1] === 'up', 'up');
			run.send(call.bye());
			await t.page.waitForSelector('text=No open calls', { timeout: 30000 });
		}, ['-c', '/dev/null']),
	},
	{
		name: 'rows keep their places under the pointer; filter and sort',
		run: withRun(async (t, run) => {
			const calls = [3, 4, 5].map((n) => new Call(n));
			const order = () => t.page.$$eval('.table .row [role=gridcell]:nth-child(3)',
				(all) => all.map((c) => c.textContent.slice(-1)).join(''));

			await running(t, run, { path: '/live?sort=caller' });
			run.send(Buffer.concat([calls[1].invite(), calls[2].invite()]));
			await until(t, calls[2].user, () => true, 'the third');
			t.equal(await order(), '45');
			await t.page.hover(row(calls[1].user));
			run.send(calls[0].invite());
			await t.page.waitForSelector('text=1 new');
			t.equal(await order(), '45', 'nothing moves');
			await t.page.hover('.live-count');
			await until(t, calls[0].user, () => true, 'it comes in');
			t.equal(await order(), '345');
			await t.page.click('[role=columnheader] >> text=caller');
			t.equal(await order(), '543');
			await t.page.fill('[data-search]', '10.1.0.4 trying');
			t.equal(await order(), '4');
			t.ok(t.page.url().includes('q='), 'the address has the filter');
			await t.page.fill('[data-search]', 'nonsense');
			await t.page.waitForSelector('text=No open call matches');
		}),
	},
	{
		name: 'viewers see masked numbers, when it is set so',
		run: withRun(async (t, run) => {
			const call = new Call(6);

			await running(t, run, { role: 'viewer' });
			run.send(call.invite());
			await t.page.waitForSelector('.table .row:has-text("+49xxxxxxx")');
			t.ok(!(await t.page.content()).includes(call.user), 'no whole number');
		}, ['-c', await maskedConfig()]),
	},
	{
		name: 'the health line tells of the run, and its details',
		run: withRun(async (t, run) => {
			await running(t, run, { path: '/help' });
			await t.page.waitForSelector('.health >> text=reading');
			await t.page.click('.health > button');
			await t.page.waitForSelector('.health .panel >> text=Nothing is wrong');
			const panel = await t.page.textContent('.health .panel');

			t.ok(panel.includes('sqlite'), 'the store');
			t.ok(/Threadscore/.test(panel), 'threads');
			await t.axeClean();
			await t.screenshot('health', { theme: 'light' });
		}),
	},
	{
		name: 'the input is over',
		run: withRun(async (t, run) => {
			await running(t, run);
			await t.page.waitForSelector('text=No open calls');
			run.end();
			await t.page.waitForSelector('text=The input was read to its end');
			await t.page.waitForSelector('.health >> text=files read');
		}),
	},
	{
		name: 'without a capture a sentence says so',
		async run(t) {
			await t.login('analyst');
			await t.goto('/live');
			await t.page.waitForSelector('text=No capture runs here');
			await t.page.waitForSelector('.health >> text=no capture');
			await t.page.waitForSelector('.health >> text=store: ok');
			await t.axeClean();
		},
	},
	{
		name: 'a connection that was lost is made again',
		run: withRun(async (t, run) => {
			const call = new Call(7);

			t.allow(/ERR_FAILED/);
			await t.page.route('**/live/events*', (route) => route.abort());
			await running(t, run);
			await t.page.waitForSelector('text=Trying again');
			await t.page.unroute('**/live/events*');
			run.send(call.invite());
			await until(t, call.user, (c) => c[1] === 'trying', 'it is there again');
			await t.page.waitForSelector('.live-lost .bad', { state: 'detached' });
		}),
	},
];

/* A configuration file that masks for viewers. */
async function maskedConfig() {
	const { mkdtempSync, writeFileSync } = await import('node:fs');
	const { tmpdir } = await import('node:os');
	const { join } = await import('node:path');
	const path = join(mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'conf-')), 'conf');

	writeFileSync(path, 'viewer-mask-numbers = 2\n');
	return path;
}
