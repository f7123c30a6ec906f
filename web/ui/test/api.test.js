import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { apiUrl, errorOf, loginHref } from '../src/core/api.js';

test('addresses of the API', () => {
	assert.equal(apiUrl('/calls', { q: '+49 mos<3', from: '', cursor: null }),
		'/api/v1/calls?q=%2B49+mos%3C3');
	assert.equal(apiUrl('/health'), '/api/v1/health');
});

test('the sentence of the server, else one that says what to do', async () => {
	const told = new Response(JSON.stringify(
		{ error: { code: 'bad_query', message: 'no such key', at: 4 } }), { status: 400 });
	const other = new Response('<html>', { status: 503 });

	const first = await errorOf(told);
	assert.deepEqual([first.status, first.code, first.message, first.at],
		[400, 'bad_query', 'no such key', 4]);
	assert.match((await errorOf(other)).message, /store cannot be read/);
});

test('after the login back to here', () => {
	assert.equal(loginHref({ pathname: '/call/1', search: '?tab=ice' }),
		'/?next=%2Fcall%2F1%3Ftab%3Dice');
	assert.equal(loginHref({ pathname: '/', search: '' }), '/');
});
