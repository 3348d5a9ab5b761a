/** What a device may do, to choose from. */

import type { Permission } from "../api.ts";
import { useTexts } from "./context.ts";
import { Choices } from "./form.tsx";

export const PERMISSIONS: readonly Permission[] = ["view", "backup", "restore", "manage"];

interface Props {
  readonly value: Permission;
  readonly label: string;
  readonly onChange: (permission: Permission) => void;
}

export function Permissions({ value, label, onChange }: Props) {
  const { permissions } = useTexts();
  const options = PERMISSIONS.map((permission) => ({
    value: permission,
    label: permissions[permission].name,
    text: permissions[permission].may,
  }));
  return <Choices name="permission" label={label} value={value} options={options} onChange={onChange} />;
}
