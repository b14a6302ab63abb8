/** Puts the keyboard into the list, where it is at home. */
export function focusList(): void {
  document.querySelector<HTMLElement>("[data-list]")?.focus({ preventScroll: true });
}

/** The same where what had the focus is gone, or nothing ever had it. */
export function focusListIfLost(): void {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) focusList();
}
