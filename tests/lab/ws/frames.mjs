// The forms in which one SIP message travels in WebSocket frames. All but
// "long" are the library's own doing.

import { randomBytes } from 'node:crypto';

export const forms = {
	text: (ws, message) => ws.send(message, { binary: false }),
	binary: (ws, message) => ws.send(message, { binary: true }),
	deflate: (ws, message) => ws.send(message,
		{ binary: false, compress: true }),

	// Four parts with a ping between the second and the third.
	fragments(ws, message) {
		const cut = [0, 1, 200, 500, message.length];

		for (let i = 0; i < 4; i++) {
			ws.send(message.subarray(cut[i], cut[i + 1]),
				{ binary: false, compress: false, fin: i === 3 });
			if (i === 1)
				ws.ping('between');
		}
	},

	// A length of 64 bits where 16 would do; the library at the other end
	// takes it.
	long(ws, message) {
		const client = !ws._isServer;
		const head = Buffer.alloc(10);
		const mask = randomBytes(4);

		head[0] = 0x81;
		head[1] = 127 | (client ? 0x80 : 0);
		head.writeBigUInt64BE(BigInt(message.length), 2);
		ws._socket.write(client ? Buffer.concat([head, mask,
			message.map((b, i) => b ^ mask[i & 3])]) :
			Buffer.concat([head, message]));
	},
};
