import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** What it is about: something else is tried anew. */
  of?: unknown;
  /** What is drawn in place of what cannot be drawn. */
  instead?: ReactNode;
  onFailure?(failure: unknown): void;
  children: ReactNode;
}

interface BoundaryState {
  of: unknown;
  failed: boolean;
}

/** Keeps what cannot be drawn from taking the rest of the page with it. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { of: this.props.of, failed: false };

  static getDerivedStateFromError(): Partial<BoundaryState> {
    return { failed: true };
  }

  static getDerivedStateFromProps({ of }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return of === state.of ? null : { of, failed: false };
  }

  override componentDidCatch(failure: unknown): void {
    this.props.onFailure?.(failure);
  }

  override render(): ReactNode {
    return this.state.failed ? (this.props.instead ?? null) : this.props.children;
  }
}
