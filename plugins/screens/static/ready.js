// Where there is room for both, the reason can be typed at once, beside the evidence: nothing moves on the page.
if (matchMedia('(min-width: 48.0625em)').matches) document.getElementById('reason')?.focus({ preventScroll: true });
