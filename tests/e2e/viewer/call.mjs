// The call page: what happened in words, texts, offers, legs; nothing of what a
// stranger wrote becomes more than text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { golden, madeCall, openCall } from './samples.mjs';

const samples = join(process.env.CALLSCOPE_SRC, 'samples');

async function sentences(t) {
	return t.page.$$eval('.finding .edge', (list) => list.map((e) =>
		e.firstChild.textContent.trim()));
}

/* Text of the message that is shown, with the ends of lines that HTML has. */
function shownText(t) {
	return t.page.$eval('.wire-text', (e) => e.textContent);
}

function asShown(text) {
	return `${text.replace(/\r\n/g, '\n')}\n`;
}

/* A record of a sample under a uid that no store has. */
function made(name, change) {
	const record = golden(name);

	record.uid = '01MADEMADEMADEMADEMADEMADE';
	change(record);
	return record;
}

const evil = '<img src=x onerror="window.pwned = 1">';

export default [
	{
		name: 'the head line and the findings say what happened',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'busy-486');
			t.equal(await t.page.textContent('.headline strong'),
				'refused by callee: 486 Rejected');
			t.equal((await sentences(t))[0],
				'10.77.0.3 answered 486 Rejected, 1.5 s after the INVITE.');
			await openCall(t, 'loss-burst');
			const [first] = await sentences(t);

			t.ok(first.startsWith('The caller\'s audio lost 7.3 % (40 of 549 packets), in ' +
				'runs of up to 8 packets (160 ms)'), first);
			t.ok((await t.page.textContent('.headline')).includes('MOS 3.4 NB'));
		},
	},
	{
		name: 'a finding leads to its message',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'busy-486');
			await t.page.click('.finding[data-code=refused] .evidence');
			await t.page.waitForSelector('.ladder .chosen');
			t.equal(await t.page.textContent('.message-view h2'), '486 Busy Here (INVITE)');
			t.ok(new URL(t.page.url()).searchParams.get('m') !== null, 'it is in the address');
		},
	},
	{
		name: 'a finding leads to its pair of candidates, and to its place in time',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'cc-fail');
			await t.page.click('.finding[data-code=ice-failed] .evidence');
			await t.page.waitForSelector('[role=tab][aria-selected=true]:has-text("ICE")');
			await t.page.waitForURL(/[?&]pair=0/);
			await openCall(t, 'loss-burst');
			await t.page.click('.finding[data-code=loss] .evidence');
			await t.page.waitForSelector('.ladder .evidence-range', { state: 'attached' });
		},
	},
	{
		name: 'the zoomed range is in the address, and pale around it in the ladder',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'basic-call', '?z=3~5');
			await t.page.waitForSelector('.ladder .outside', { state: 'attached' });
			await t.page.click('button:has-text("Whole call")');
			await t.page.waitForSelector('.ladder .outside', { state: 'detached' });
			await t.page.waitForFunction(() => !location.search.includes('z='));
		},
	},
	{
		name: 'the text of a message is what was on the wire',
		async run(t) {
			await t.login('analyst');
			const uid = await openCall(t, 'basic-call', '?tab=messages&m=0');
			const { messages } = await t.api(`/calls/${uid}/messages`);
			const bytes = readFileSync(join(samples, 'basic-call.pcap')).toString('latin1');

			await t.page.waitForSelector('.wire-text');
			for (const m of [0, 2, 4]) {
				if (m > 0)
					await t.page.click(`.ladder [data-index="${m}"]`);
				await t.page.waitForFunction((n) => document.querySelector(
					'.message-view')?.getAttribute('aria-label') === `Message ${n}`, m + 1);
				t.equal(await shownText(t), asShown(messages[m].text));
				t.ok(bytes.includes(messages[m].text), `message ${m} is in the sample`);
			}
		},
	},
	{
		name: 'bytes, and what is different from the message before',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'hold-resume', '?tab=messages&m=4');
			await t.page.click('.view-tools button:has-text("Changes")');
			const changed = await t.page.$$eval('.diff-new', (l) =>
				l.map((e) => e.textContent.trim()));

			t.ok(changed.includes('+ a=sendonly'), changed.join('\n'));
			await t.page.click('.view-tools button:has-text("Bytes")');
			t.ok((await shownText(t)).startsWith('0000  49 4e 56 49 54 45 20 73  69 70'));
			t.equal(new URL(t.page.url()).searchParams.get('view'), 'hex');
		},
	},
	{
		name: 'a viewer sees the ladder, and a sentence instead of texts',
		async run(t) {
			await t.login('viewer');
			await openCall(t, 'basic-call', '?tab=messages&m=0');
			await t.page.waitForSelector('.message-view .no-text');
			t.equal(await t.page.$$('.wire-text').then((l) => l.length), 0);
			t.ok((await t.page.textContent('.no-text')).length > 20);
			t.equal(await t.page.$$('.ladder .message').then((l) => l.length), 6);
		},
	},
	{
		name: 'offers and answers, and what changed',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'hold-resume', '?tab=offers');
			await t.page.waitForSelector('.exchange dd.mono');
			const changes = await t.page.$$eval('.changes li', (l) =>
				l.map((e) => e.textContent));
			const addresses = await t.page.$$eval('.exchange dd.mono', (l) =>
				l.slice(0, 2).map((e) => e.textContent));

			t.equal(changes.slice(0, 2), ['Direction sendrecv → sendonly',
				'Direction sendrecv → recvonly']);
			t.equal(changes.length, 8);
			t.equal(addresses, ['10.77.0.2:12342', '10.77.0.3:16636']);
		},
	},
	{
		name: 'legs side by side on one axis',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'two-legs', '?tab=legs');
			await t.page.waitForSelector('.both-ladders .message');
			t.equal(await t.page.$$eval('.both-ladders section', (l) => l.map((e) =>
				e.querySelectorAll('.message').length)), [11, 11]);
			t.ok((await t.page.textContent('.differences')).includes('116 ms later'));
			const heights = await t.page.$$eval('.both-ladders svg', (l) =>
				l.map((e) => e.getAttribute('height')));

			t.equal(heights[0], heights[1]);
		},
	},
	{
		name: 'a session without SIP shows its two sides and how it was signalled',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'cc-relay', '?tab=session');
			t.ok((await t.page.textContent('.headline')).includes('signalled by JSON, ICE ' +
				'connected'));
			t.ok((await t.page.textContent('.session')).includes('SDP inside of JSON'));
			t.equal(await t.page.$$eval('.lane-head .role', (l) => l.map((e) =>
				e.textContent)), ['side a', 'relay', 'side b']);
		},
	},
	{
		name: 'a web message, and the SDP inside of it',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'cc-fail', '?tab=messages&m=0');
			await t.page.click('.view-tools button:has-text("SDP inside")');
			await t.page.waitForSelector('.wire-text .sdp-type');
			t.ok((await shownText(t)).startsWith('v=0\no=- '), await shownText(t));
			await t.page.click('[role=tab]:has-text("Offer/answer")');
			await t.page.waitForSelector('.exchange dd:has-text("DTLS sha-256 97:32:D6")');
		},
	},
	{
		name: 'keys go through the messages; Escape closes; the address holds it all',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'basic-call');
			await t.page.keyboard.press('j');
			await t.page.keyboard.press('j');
			await t.page.waitForFunction(() => document.querySelector(
				'.message-view h2')?.textContent === '180 Ringing (INVITE)');
			await t.page.keyboard.press('k');
			await t.page.waitForFunction(() => document.querySelector(
				'.message-view h2')?.textContent === 'INVITE');
			const address = t.page.url();

			await t.page.reload();
			await t.page.waitForSelector('.message-view h2');
			t.equal(t.page.url(), address);
			await t.page.keyboard.press('Escape');
			await t.page.waitForSelector('.message-view', { state: 'detached' });
			t.ok(!new URL(t.page.url()).search.includes('m='), t.page.url());
		},
	},
	{
		name: 'from the search to a call, its neighbours, and back',
		async run(t) {
			await t.login('analyst');
			await t.goto('/search?q=status:200');
			await t.page.waitForSelector('.table a[href^="/call/"]');
			const hrefs = await t.page.$$eval('.table a[href^="/call/"]', (l) =>
				[...new Set(l.map((a) => a.getAttribute('href')))]);

			await t.page.click(`.table a[href="${hrefs[0]}"]`);
			await t.page.waitForSelector('.neighbours');
			await t.page.keyboard.press('n');
			await t.page.waitForURL(`**${hrefs[1]}`);
			await t.page.waitForSelector('.call-head .back');
			await t.page.click('.call-head .back');
			await t.page.waitForURL('**/search?q=status:200');
		},
	},
	{
		name: 'the record as a tree, with a search',
		async run(t) {
			await t.login('analyst');
			await openCall(t, 'basic-call', '?tab=json');
			await t.page.fill('.json-tools input', '0x1ee516eb');
			await t.page.waitForSelector('.tree .hit');
			t.equal(await t.page.textContent('.tree .hit'), 'ssrc');
		},
	},
	{
		name: 'what a stranger wrote stays text',
		async run(t) {
			const record = made('busy-486', (r) => {
				r.caller.name = evil;
				r.caller.user = `${evil}u`;
				r.reason = evil;
				r.callee.agent = `"><script>window.pwned = 2</script>`;
				r.messages[1].method = evil;
				r.offers[0].media[0].codecs = [evil];
			});
			const text = `INVITE ${evil} SIP/2.0\r\nFrom: "${evil}" <sip:x>;tag=${evil}\r\n` +
				`\r\nv=0\r\nc=IN IP4 ${evil}\r\nm=audio 4 RTP/AVP 0\r\na=mid:${evil}\r\n`;

			await t.login('analyst');
			await madeCall(t, record, [text, text, text, text]);
			for (const tab of ['messages&m=0', 'messages&m=1&view=diff', 'offers', 'json',
				'media']) {
				await t.goto(`/call/${record.uid}?tab=${tab}`);
				await t.page.waitForSelector('.call-head .headline');
				t.ok((await t.page.textContent('.call')).includes(evil), tab);
				t.equal(await t.page.$$('main img, main script').then((l) => l.length), 0, tab);
			}
			t.equal(await t.page.evaluate(() => window.pwned), undefined);
		},
	},
	{
		name: 'a call that is not there',
		async run(t) {
			await t.login('analyst');
			t.allow(/status of 404/);
			await t.goto('/call/01M0000000000000000000000A');
			await t.page.waitForSelector('.note.error');
			t.ok((await t.page.textContent('.note')).includes('not in the store'));
		},
	},
	...[['fork', '?tab=messages&m=2'], ['hold-resume', '?tab=offers'],
		['cc-turn-fallback', '?open=ice0,turn2'], ['two-legs', '?tab=legs'],
		['loss-burst', ''], ['cc-relay', '?tab=session'],
		['nat-one-way', '?tab=json']].map(([name, query]) => ({
		name: `no serious finding of axe in ${name}, in both themes and on a phone`,
		async run(t) {
			await t.login('analyst');
			await openCall(t, name, query);
			await t.axeClean('light');
			await t.screenshot(`call-${name}`);
			await t.theme('dark');
			await t.axeClean('dark', ['color-contrast']);
			await t.screenshot(`call-${name}-dark`);
			await t.size('phone');
			t.equal(await t.page.evaluate(() => document.documentElement.scrollWidth), 390);
			await t.axeClean('phone');
			await t.screenshot(`call-${name}-phone`, { width: 390 });
		},
	})),
];
