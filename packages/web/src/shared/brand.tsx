/** The name of the program with its mark. */
export const Brand = () => (
  <span class="brand">
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="brand-box" />
      <path d="M8 11h16M8 16h9" class="brand-line" />
      <path d="M20.5 13.5v9" class="brand-cursor" />
    </svg>
    midsentence
  </span>
)
