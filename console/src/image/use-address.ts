import { useEffect, useState } from 'react';

/** An address of bytes in this page, given back when others take their place. `undefined` while there are none. */
export function useAddress(bytes: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!bytes) return undefined;
    const made = URL.createObjectURL(bytes);
    // oxlint-disable-next-line react/set-state-in-effect -- what an effect made, its end can give back.
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [bytes]);
  return address;
}
