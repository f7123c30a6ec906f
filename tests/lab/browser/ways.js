// The ways of a page to the other side: each makes an object with
// send(object) and close(), and calls hear(object) for what comes.
/* global lab, sleep */
/* exported socketTo, polling, whipClient, whipServer */
'use strict';

function socketTo(path, hear) {
	const ws = new WebSocket(`ws://${location.host}${path}`);

	ws.binaryType = 'arraybuffer';
	ws.onmessage = ({ data }) => hear(JSON.parse(
		typeof data === 'string' ? data : new TextDecoder().decode(data)));
	return new Promise((done) => {
		ws.onopen = () => done({
			send: (o) => ws.send(lab.cfg.binary ?
				new TextEncoder().encode(JSON.stringify(o)) :
				JSON.stringify(o)),
			close: () => ws.close(),
		});
	});
}

async function polling(hear) {
	let open = true;

	(async () => {
		while (open)
			for (const o of await (await fetch(`/poll?as=${lab.cfg.name}`)).json())
				await hear(o);
	})().catch((e) => lab.truth.errors.push(String(e)));
	await sleep(200);
	return {
		send: (o) => fetch(`/send?as=${lab.cfg.name}`, {
			method: 'POST', body: JSON.stringify(o),
			headers: { 'Content-Type': 'application/json' },
		}),
		close: () => { open = false; },
	};
}

// RFC 9725 and 8840: the lines of a trickle-ice-sdpfrag.
function fragment(candidate) {
	const lines = lab.pc.localDescription.sdp.split('\r\n');
	const m = lines.find((l) => l.startsWith('m='));

	return [
		...lines.filter((l) => /^a=ice-(ufrag|pwd):/.test(l)).slice(0, 2),
		m, 'a=mid:0',
		candidate ? `a=${candidate.candidate}` : 'a=end-of-candidates', '',
	].join('\r\n');
}

async function whipClient(hear) {
	let at = '';
	const early = [];
	const patch = (body) => fetch(at, {
		method: 'PATCH', body, headers: {
			'Content-Type': 'application/trickle-ice-sdpfrag',
			'If-Match': '"lab-1"',
		},
	});

	return {
		async send(o) {
			if (o.description?.type === 'offer') {
				const res = await fetch('/whip', {
					method: 'POST', body: o.description.sdp,
					headers: { 'Content-Type': 'application/sdp' },
				});

				at = res.headers.get('Location');
				await hear({ description:
					{ type: 'answer', sdp: await res.text() } });
				early.splice(0).forEach(patch);
			} else if ('candidate' in o) {
				const body = fragment(o.candidate);

				at ? patch(body) : early.push(body);
			}
		},
		close: () => fetch(at, { method: 'DELETE' }),
	};
}

function whipServer(hear) {
	const ws = new WebSocket('ws://127.0.0.1:8080/endpoint');

	ws.onmessage = ({ data }) => {
		const { type, sdp } = JSON.parse(data);

		if (type === 'offer')
			hear({ description: { type, sdp } });
		else if (type === 'fragment')
			for (const line of sdp.split('\r\n'))
				if (line.startsWith('a=candidate:'))
					hear({ candidate: {
						candidate: line.slice(2), sdpMid: '0' } });
	};
	return new Promise((done) => {
		ws.onopen = () => done({
			send: (o) => o.description?.type === 'answer' &&
				ws.send(o.description.sdp),
			close: () => ws.close(),
		});
	});
}
