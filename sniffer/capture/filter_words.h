/*
 * What layers a BPF expression speaks of itself: those it gets as they are,
 * the others are looked through.
 */
#ifndef CAPTURE_FILTER_WORDS_H
#define CAPTURE_FILTER_WORDS_H

/* PEEL_... to take off before it is tried. */
unsigned filter_layers(const char *expr);
/* TUNNEL_... that pass whatever it says. */
unsigned filter_tunnels(const char *expr);

#endif
