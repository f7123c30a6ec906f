import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as d from '../src/core/dashboard.js';
import { actionText, whatHref } from '../src/core/audit.js';

const totals = {
	calls: 1200, sessions: 3, answered: 900, failed: 200, asr_pct: 75,
	ner_pct: 98.04, acd_ms: 84200, pdd_ms_mean: 1204.2, pdd_ms_p95: 4100,
	mos_mean: 4.11, loss_pct_mean: 0.31, bad_mos: 17, concurrent_max: 44,
};

test('the range of the address', () => {
	assert.deepEqual(d.rangeOf({}), { from: '-24h', to: null });
	assert.deepEqual(d.rangeOf({ from: '-2h' }), { from: '-2h', to: null });
	assert.deepEqual(d.rangeOf({ from: 'all' }), { from: '-999d', to: null });
	assert.deepEqual(d.rangeOf({ to: '2026-11-26' }),
		{ from: '2026-11-25T00:00:00', to: '2026-11-26' });
	assert.deepEqual(d.rangeQuery({ from: null, to: null }), { from: 'all', to: null });
	assert.deepEqual(d.shownRange(d.rangeOf({ from: 'all' })), { from: null, to: null });
	assert.deepEqual(d.shownRange(d.rangeOf({})), { from: '-24h', to: null });
	assert.deepEqual(d.rangeQuery({ from: '-2h', to: null }), { from: '-2h', to: null });
});

test('links are of what was counted', () => {
	const stats = {
		from: '2026-11-25T18:47:00.000000Z', to: '2026-11-26T18:48:00.000000Z',
		covered_from: '2026-11-26T00:00:00.000000Z', complete: true,
	};

	assert.deepEqual(d.askedOf(stats, 'x'),
		{ q: 'x', from: '2026-11-25T18:47:00', to: '2026-11-26T18:48:00' });
	assert.equal(d.askedOf({ ...stats, complete: false }, '').from, '2026-11-26T00:00:00');
});

test('zooming, twice, and back to where it began', () => {
	const first = d.zoomQuery([1795716000.4, 1795719600.2], { from: '-7d' });

	assert.deepEqual(first, {
		from: '2026-11-26T18:00:00', to: '2026-11-26T19:00:01', was: '-7d~',
	});
	const second = d.zoomQuery([1795716060, 1795716120], first);

	assert.equal(second.was, '-7d~');
	assert.deepEqual(d.unzoomQuery(second), { from: '-7d', to: null, was: null });
	assert.deepEqual(d.unzoomQuery({}), { from: null, to: null, was: null });
});

test('links hold what was asked for', () => {
	const asked = { q: 'ip:10.0.0.1', from: '-2h', to: null };

	assert.equal(d.callsHref(asked), '/search?q=ip:10.0.0.1&from=-2h');
	assert.equal(d.callsHref(asked, 'status:486'),
		'/search?q=ip:10.0.0.1+status:486&from=-2h');
	assert.equal(d.callsHref({ from: null, to: null }), '/search');
});

test('tiles', () => {
	const tiles = Object.fromEntries(d.tilesOf({ totals }).map((t) => [t.key, t]));

	assert.equal(tiles.calls.value, '1\u202f200');
	assert.equal(tiles.calls.q, 'type:call');
	assert.equal(tiles.calls.moreText, '3 sessions');
	assert.equal(tiles.failed.q, 'type:call state:failed');
	assert.equal(tiles.asr.q, null);
	assert.equal(tiles.acd.value, '01:24');
	assert.equal(tiles.pdd.note, '95 %: 4.1 s');
	assert.equal(tiles.mos.moreText, '17 below 3.5');
	assert.equal(tiles.mos.moreQ, 'mos<3.5');
});

test('a search that the server gives goes first', () => {
	const stats = { totals: { ...totals, q: { failed: 'status:4xx,5xx,6xx' } } };

	assert.equal(d.totalSearch(stats, 'failed'), 'status:4xx,5xx,6xx');
	assert.equal(d.totalSearch(stats, 'answered'), 'type:call status:2xx');
});

test('nothing measured is a dash, not a zero', () => {
	const none = Object.fromEntries(Object.keys(totals).map((k) => [k, null]));
	const tiles = d.tilesOf({ totals: { ...none, calls: 0 } });

	assert.equal(tiles.find((t) => t.key === 'mos').value, '–');
	assert.equal(tiles.find((t) => t.key === 'calls').value, '0');
	assert.equal(tiles.find((t) => t.key === 'pdd').note, '');
});

test('bars', () => {
	const bars = d.barsOf('loss', { edges: [0, 0.5, 1, 100], counts: [8, 0, 2] });

	assert.deepEqual(bars.map((b) => b.label), ['0–0.5', '0.5–1', '≥ 1']);
	assert.deepEqual(bars.map((b) => b.share), [1, 0, 0.25]);
	assert.deepEqual(bars.map((b) => b.q),
		['loss>=0 loss<0.5', 'loss>=0.5 loss<1', 'loss>=1']);
	assert.equal(d.barsOf('mos', { edges: [4, 4.5, 5], counts: [1, 2] })[1].label, '4.5–5');
	assert.equal(d.barsOf('pdd', { edges: [500, 1000, 2000], counts: [1, 2] })[0].label, '500–1 s');
	assert.equal(d.barsOf('pdd', { edges: [500, 1000, 2000], counts: [1, 2] })[1].low, '1 s');
	assert.equal(d.barsOf('mos', { edges: [1, 5], counts: [1], q: ['x'] })[0].q, 'x');
	assert.equal(d.barsOf('mos', { edges: [1, 5], counts: [0] })[0].share, 0);
});

test('series', () => {
	const series = { t: [60000, 120000], calls: [1, 0], mos_mean: [4.2, null] };

	assert.deepEqual(d.chartData(series, ['calls', 'mos_mean']),
		[[60, 120], [1, 0], [4.2, null]]);
	assert.deepEqual(d.bounds({ series, step_ms: 60000 }), [60, 180]);
	assert.equal(d.bounds({ series: { t: [] }, step_ms: 60000 }), undefined);
});

test('all time begins with the first call', () => {
	const day = 86400e3;
	const to = 1795737600000;
	const t = Array.from({ length: 100 }, (_, i) => to - (100 - i) * day);
	const calls = t.map((_, i) => (i >= 98 ? 3 : 0));
	const stats = {
		from: new Date(t[0]).toISOString(), to: new Date(to).toISOString(),
		series: { t, calls, concurrent: calls },
	};

	assert.equal(d.beginOf(stats), '2026-11-25T00:00:00');
	assert.equal(d.beginOf({ ...stats, series: { ...stats.series, calls: t.map(() => 1) } }), null);
	assert.equal(d.beginOf({ ...stats, series: { t, calls: t.map(() => 0), concurrent: t.map(() => 0) } }), null);
	calls[60] = 1;
	assert.equal(d.beginOf(stats), null);
});

test('what failed in words', () => {
	assert.equal(d.failureText({ status: 486, reason: 'Busy Here' }), '486 Busy Here');
	assert.equal(d.failureText({ status: 486, reason: null }), '486');
	assert.equal(d.failureText({ status: null, reason: null }), 'no final response');
});

test('the audit log in words', () => {
	assert.equal(actionText('login_failed'), 'failed to log in');
	assert.equal(actionText('other'), 'other');
	assert.equal(whatHref({ what: '01KB7Q5GW0EXAMPXE000000000' }), '/call/01KB7Q5GW0EXAMPXE000000000');
	assert.equal(whatHref({ what: 'status:486' }), '/search?q=status:486');
	assert.equal(whatHref({ what: null }), null);
});
