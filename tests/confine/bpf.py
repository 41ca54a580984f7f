"""An emulator of the kernel's classic BPF, as far as seccomp programs go: an independent reading of the same bytes."""

import struct

ALLOW, KILL = "allow", "kill"


def verdict(code: bytes, arch: int, number: int, arguments: tuple[int, ...] = ()) -> str | int:
    """What the program says to one call: "allow", "kill", or the errno."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number - (1 << 32) if number >= 1 << 31 else number, arch, 0, *padded)
    lines = [struct.unpack_from("<HBBI", code, at) for at in range(0, len(code), 8)]
    accumulator, at = 0, 0
    for _ in range(len(lines)):
        operation, if_true, if_false, operand = lines[at]
        at += 1
        if operation == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif operation == 0x54:  # BPF_ALU | BPF_AND | BPF_K
            accumulator &= operand
        elif operation == 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
            at += if_true if accumulator == operand else if_false
        elif operation == 0x35:  # BPF_JGE
            at += if_true if accumulator >= operand else if_false
        elif operation == 0x45:  # BPF_JSET
            at += if_true if accumulator & operand else if_false
        elif operation == 0x06:  # BPF_RET | BPF_K
            if operand == 0x7FFF0000:
                return ALLOW
            if operand == 0x80000000:
                return KILL
            assert operand & 0xFFFF0000 == 0x00050000, hex(operand)
            return operand & 0xFFFF
        else:
            raise AssertionError(f"operation {operation:#x} is none of a seccomp program's")
    raise AssertionError("the program runs off its end")
