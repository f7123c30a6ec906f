// Plays a stereo sound with each side apart: muted or not, at any speed.

/* What plays `url` (a blob) with the browser's own element; `onTime(seconds)`
 * and `onState(playing)` tell about it. Call close() at the end. */
export function createPlayer(url, { onTime, onState }) {
	const element = new Audio(url);
	const context = new AudioContext();
	const split = context.createChannelSplitter(2);
	const merge = context.createChannelMerger(2);
	const gains = [context.createGain(), context.createGain()];
	let frame = 0;

	element.preservesPitch = true;
	context.createMediaElementSource(element).connect(split);
	gains.forEach((gain, i) => {
		split.connect(gain, i);
		gain.connect(merge, 0, i);
	});
	merge.connect(context.destination);

	function tell() {
		onTime(element.currentTime);
		if (!element.paused)
			frame = requestAnimationFrame(tell);
	}
	for (const name of ['play', 'pause', 'ended', 'seeked'])
		element.addEventListener(name, () => {
			cancelAnimationFrame(frame);
			onState(!element.paused && !element.ended);
			tell();
		});

	return {
		element,
		async play() {
			await context.resume();
			await element.play();
		},
		pause: () => element.pause(),
		seek(seconds) {
			element.currentTime = Math.max(0, seconds);
		},
		speed(rate) {
			element.playbackRate = rate;
		},
		mute(channel, muted) {
			gains[channel].gain.value = muted ? 0 : 1;
		},
		close() {
			cancelAnimationFrame(frame);
			element.pause();
			context.close();
		},
	};
}
