// The ladder: arrows, marks, filters, folding, one cursor with the charts, and
// many messages.
import { golden, madeCall, openCall } from './samples.mjs';

function labels(t) {
	return t.page.$$eval('.ladder .message', (l) => l.map((e) =>
		e.getAttribute('aria-label')));
}

function count(t, selector) {
	return t.page.$$eval(selector, (l) => l.length);
}

/* A call with so many messages in its dialog. */
function longCall(messages) {
	const record = golden('basic-call');
	const [invite, ringing, ok, ack, bye, end] = record.messages;
	const middle = [];

	for (let i = 0; middle.length < messages - 6; i++) {
		const time = (ms) => new Date(Date.parse(record.start) + 20 * i + ms).toISOString();

		middle.push({ ...invite, method: 'UPDATE', cseq: 50000 + i, time: time(10) },
			{ ...ok, method: 'UPDATE', cseq: 50000 + i, time: time(15) });
	}
	record.uid = '01MADEMADEMADEMADEMADELONG';
	record.messages = [invite, ringing, ok, ack, ...middle, bye, end];
	return record;
}

export default [
	{
		name: 'arrows, lanes and media of a plain call',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'basic-call');
			t.equal(await t.page.$$eval('.ladder .message .label', (l) => l.map((e) =>
				e.textContent)), ['INVITE (SDP)', '180 Ringing', '200 OK (SDP)', 'ACK', 'BYE',
				'200 OK']);
			t.equal((await labels(t))[0], 'INVITE (SDP) 48945, 10.77.0.2 to 10.77.0.3, +0 ms, ' +
				'CSeq 48945 INVITE (with SDP)');
			t.equal(await t.page.$$eval('.lane-head .address', (l) => l.map((e) =>
				e.textContent)), ['10.77.0.2', '10.77.0.3']);
			t.equal(await t.page.$eval('.ladder .media .label', (e) => e.textContent),
				'RTP PCMA');
			t.equal(await count(t, '.ladder .gap'), 1);
		},
	},
	{
		name: 'retransmissions and hops are marked',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'retransmissions');
			t.equal(await t.page.$$eval('.ladder .again', (l) => l.map((e) =>
				e.querySelector('.label').textContent)), ['↻ INVITE', '↻ BYE']);
			await openCall(t, 'fork');
			t.equal((await labels(t)).filter((l) => l.includes('hop 2')).length, 8);
			t.equal(await count(t, '.ladder .copy'), 8);
		},
	},
	{
		name: 'only some methods, only one dialog',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'fork');
			await t.page.click('.ladder-tools .menu button');
			await t.page.check('.methods label:has-text("CANCEL") input');
			await t.page.waitForFunction(() => document.querySelectorAll(
				'.ladder .message').length === 2);
			t.equal(new URL(t.page.url()).searchParams.get('method'), 'CANCEL');
			await t.page.click('.ladder-tools > button:has-text("Show all")');
			await t.page.waitForFunction(() => document.querySelectorAll(
				'.ladder .message').length === 20);
			await t.page.selectOption('.ladder-tools label:has-text("Dialog") select', '2');
			await t.page.waitForFunction(() => document.querySelectorAll(
				'.ladder .message').length < 20);
			t.equal(await t.page.$$eval('.ladder .dialog text', (l) =>
				[...new Set(l.map((e) => e.textContent))]), ['2']);
		},
	},
	{
		name: 'times as clock, since start, since the message before',
		async run(t) {
			const times = () => t.page.$$eval('.ladder text.time', (l) => l.slice(0, 3)
				.map((e) => e.firstChild.textContent));

			await t.login('analyst');
			await openCall(t, 'basic-call');
			t.equal(await times(), ['+0 ms', '+0.6 ms', '+3.1 ms']);
			await openCall(t, 'basic-call', '?clock=delta');
			t.equal(await times(), ['+0 ms', '+0.6 ms', '+2.5 ms']);
			await openCall(t, 'basic-call', '?clock=abs');
			t.equal(await times(), ['02:18:23.846', '02:18:23.847', '02:18:23.850']);
		},
	},
	{
		name: 'ICE and TURN open and close',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'cc-turn-fallback');
			t.equal(await count(t, '.ladder .check'), 0);
			await t.page.click('.ladder [data-id="ice0"]');
			await t.page.waitForSelector('.ladder .check');
			t.equal(new URL(t.page.url()).searchParams.get('open'), 'ice0');
			t.equal(await t.page.getAttribute('.ladder [data-id="ice0"]', 'aria-expanded'),
				'true');
			await t.page.focus('.ladder [data-id="ice0"]');
			await t.page.keyboard.press('Enter');
			await t.page.waitForSelector('.ladder .check', { state: 'detached' });
		},
	},
	{
		name: 'the pointer\'s moment is a line in the ladder',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'basic-call');
			await t.page.hover('.ladder [data-index="3"]');
			await t.page.waitForSelector('.ladder .cursor', { state: 'attached' });
			const [line, row] = await t.page.evaluate(() => [
				document.querySelector('.ladder .cursor').getBoundingClientRect().top,
				document.querySelector('.ladder [data-index="3"] .hit')
					.getBoundingClientRect(),
			]);

			t.ok(line >= row.top && line <= row.bottom, `${line} in the row`);
		},
	},
	{
		name: 'five hundred messages, under heads that stay',
		async run(t) {
			const record = longCall(500);

			await t.login('analyst');
			await madeCall(t, record);
			await t.goto(`/call/${record.uid}?method=BYE`);
			await t.page.waitForSelector('.ladder .message');
			const cdp = await t.context.newCDPSession(t.page);
			const busy = async () => (await cdp.send('Performance.getMetrics')).metrics
				.find((m) => m.name === 'TaskDuration').value * 1000;

			await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
			const before0 = await busy();
			const took = await t.page.evaluate(() => new Promise((done) => {
				const button = [...document.querySelectorAll('.ladder-tools button')]
					.find((b) => b.textContent === 'Show all');
				const begun = performance.now();

				/* Behind the frame that draws it. */
				button.click();
				requestAnimationFrame(function look() {
					const there = document.querySelectorAll('.ladder .message').length;

					if (there < 500)
						requestAnimationFrame(look);
					else
						setTimeout(() => done(performance.now() - begun));
				});
			}));

			console.log(`     500 messages drawn in ${Math.round(took)} ms, ` +
				`${Math.round(await busy() - before0)} ms of them computing`);
			t.equal(await count(t, '.ladder .message'), 500);
			const top = () => t.page.$eval('.lane-head', (e) =>
				e.getBoundingClientRect().top);
			const before = await top();

			await t.page.$eval('.ladder', (e) => {
				e.scrollTop = 6000;
			});
			t.equal(await top(), before);
			await t.page.click('.ladder [data-index="250"] .hit');
			await t.page.waitForSelector('.ladder .chosen');
			t.equal(new URL(t.page.url()).searchParams.get('m'), '250');
		},
	},
];
