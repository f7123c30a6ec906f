// GET /live/events, as long as somebody can see the page: one connection, made
// anew when it ends.
import { apiUrl, getJson } from '../../core/api.js';

const AGAIN_MS = [1000, 2000, 5000, 10000];

/* Calls on.calls(event, begins), on.health(health), on.state("open" | "lost",
 * why). Answers what ends it. */
export function follow(limit, on) {
	let source = null;
	let timer = 0;
	let tries = 0;

	function open() {
		let begins = true;

		source = new EventSource(apiUrl('/live/events', { limit }));
		source.addEventListener('calls', (e) => {
			tries = 0;
			on.state('open', null);
			on.calls(JSON.parse(e.data), begins);
			begins = false;
		});
		source.addEventListener('health', (e) => on.health(JSON.parse(e.data)));
		source.addEventListener('error', lost);
	}

	/* The browser's own second try would not say what is wrong. The server
	 * ends a connection now and then: that is nothing to be told. */
	async function lost() {
		close();
		timer = setTimeout(look, AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)]);
		const why = await reason();

		if (why || tries > 1)
			on.state('lost', why ?? 'The connection for live calls was closed. Trying again …');
	}

	function close() {
		source?.close();
		source = null;
		clearTimeout(timer);
	}

	function look() {
		close();
		if (!document.hidden)
			open();
	}

	look();
	document.addEventListener('visibilitychange', look);
	return () => {
		document.removeEventListener('visibilitychange', look);
		close();
	};
}

/* Why there are no events, null when the server does answer. */
async function reason() {
	try {
		await getJson('/live', { limit: 1 });
		return null;
	} catch (error) {
		return error.message;
	}
}
