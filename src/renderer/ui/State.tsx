import type { ReactNode } from 'react';
import css from './State.module.css';

export interface StateProps {
  icon?: ReactNode;
  title: string;
  hint?: ReactNode;
  action?: ReactNode;
  role?: 'status' | 'alert';
}

/** What a pane shows when it has nothing, or could not get it. */
export function State({ icon, title, hint, action, role }: StateProps) {
  return (
    <div className={css['state']} role={role}>
      {icon !== undefined && <span className={css['icon']}>{icon}</span>}
      <p className={css['title']}>{title}</p>
      {hint !== undefined && <p className={css['hint']}>{hint}</p>}
      {action}
    </div>
  );
}

/** A grey bar in the place of text to come. */
export function Bone({ width, height = 10 }: { width: number | string; height?: number }) {
  return <span className={css['bone']} style={{ width, height }} />;
}
