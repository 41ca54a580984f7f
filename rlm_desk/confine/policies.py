"""What each kind of worker may do, as data that `lockdown.lock` applies. Standard library only."""

from dataclasses import dataclass, replace

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Kernel limits of one worker. None leaves what the parent had."""

    address_space: int | None
    """Bytes of address space; the host may ask for more when it starts a worker for a large context."""
    open_files: int | None
    """Highest descriptor number plus one."""
    file_bytes: int | None
    """Largest file it may write; 0 forbids all writing to files."""
    processes: int | None
    """Threads and processes of the same user; root is exempt, so this is a second layer only."""
    cpu_seconds: int | None
    """Whole processor time of its life: behind the host's own clock, for the case that the host is gone."""


@dataclass(frozen=True)
class Policy:
    """The rights of one kind of worker."""

    kind: str
    limits: Limits
    syscalls: str
    """Name of the list in `seccomp` that is the boundary: an allow-list, or for the engine a deny-list."""
    required: bool
    """Whether the worker is refused where that boundary is missing."""
    read_paths: bool
    """Landlock: True leaves reading the file system open and forbids writing; False leaves no path at all."""
    denied: tuple[str, ...]
    """Attempts of `selftest` that the worker makes on itself after the lock; one that succeeds ends it."""
    max_header: int
    """Bytes of the largest frame header the host accepts from it."""
    max_body: int
    """Bytes of the largest frame body the host accepts from it."""
    max_bodies: tuple[tuple[str, int], ...] = ()
    """Messages whose bodies are smaller, and how small: type and bytes."""
    environment: tuple[str, ...] = ()
    """Names of the parent's environment variables it is given; all others are gone."""
    settings: tuple[tuple[str, str], ...] = ()
    """Variables of its own, name and value."""
    namespaces: bool = True
    """Whether it gets a user, network and IPC namespace of its own where the system allows that."""
    why_none: str = ""
    """Why it gets no namespaces, where it gets none."""
    capabilities: tuple[int, ...] = ()
    """Linux capabilities it keeps where it had them."""
    packages: bool = False
    """Whether it needs installed packages; else they are not searched, and their start-up files do not run."""
    writable: tuple[str, ...] = ()
    """Files and folders Landlock leaves writable: devices."""


SHUT = (
    "open",
    "stat",
    "write",
    "socket",
    "unix socket",
    "connect",
    "fork",
    "exec",
    "signal parent",
    "executable memory",
    "inherited descriptor",
)
"""What no worker that holds hostile bytes or code may manage."""


REPL = Policy(
    kind="repl",
    limits=Limits(address_space=1024 * MIB, open_files=16, file_bytes=0, processes=0, cpu_seconds=6 * 3600),
    syscalls="compute",
    required=True,
    read_paths=False,
    denied=SHUT,
    max_header=2 * MIB,
    max_body=64 * MIB,  # the prompts of one call
    max_bodies=(("done", 8 * MIB), ("values", 4 * MIB), ("ready", 0), ("loaded", 0)),
)

EXTRACTION = Policy(
    kind="extraction",
    limits=Limits(address_space=2048 * MIB, open_files=16, file_bytes=0, processes=0, cpu_seconds=6 * 3600),
    syscalls="compute",
    required=True,
    read_paths=False,
    denied=SHUT,
    max_header=8 * MIB,
    max_body=512 * MIB,  # a document's text, which the host bounds further, and files that lie inside it
    max_bodies=(("pages", 16 * MIB), ("page", 0), ("skipped", 0), ("locked", 0), ("other", 0), ("many", 0)),
    packages=True,
    # A spreadsheet library may bring numpy, whose BLAS starts threads on import: the kernel gives namespaces only to a
    # process that has none.
    # tesseract would start threads for a page.
    settings=(("OPENBLAS_NUM_THREADS", "1"), ("OMP_NUM_THREADS", "1"), ("OMP_THREAD_LIMIT", "1")),
)

# The engine needs threads, memory maps of the model and the device's ioctls, so its filter names what is forbidden
# (sockets, exec, tracing, mounting, kernel interfaces) instead of what is allowed: `partial`, and said so.
ENGINE = Policy(
    kind="engine",
    limits=Limits(address_space=None, open_files=1024, file_bytes=None, processes=None, cpu_seconds=None),
    syscalls="device",
    required=False,
    read_paths=True,
    denied=(
        *("write", "socket", "unix socket", "connect", "fork", "exec", "signal parent", "limit parent"),
        *("slow parent", "outlive parent", "signal by owner", "terminal input", "priority lock"),
    ),
    max_header=8 * MIB,
    max_body=64 * MIB,
    environment=(
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "LD_LIBRARY_PATH",
        "HIP_VISIBLE_DEVICES",
        "OMP_NUM_THREADS",
    ),
    namespaces=False,
    why_none="device drivers look at the user's identity",
    packages=True,
    capabilities=(2, 14),  # read a model of another user as root; lock it into memory
    writable=(
        *("/dev/null", "/dev/dri", "/dev/kfd", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"),
        *("/dev/nvidia-modeset", "/dev/nvidia-caps", *(f"/dev/nvidia{n}" for n in range(16))),
    ),
)

# The first bytes of a stranger's model file: as shut as a document's reader.
INSPECTION = replace(EXTRACTION, kind="inspection")
# A stranger's run bundle.
BUNDLE = replace(EXTRACTION, kind="bundle", packages=False)

# Speaks to a model server, which is a stranger too: a parser with sockets that somebody else connected. Their
# descriptors and the one they come over are more than a parser's five.
EGRESS = replace(
    EXTRACTION,
    kind="egress",
    limits=replace(EXTRACTION.limits, open_files=512),
    syscalls="egress",
    denied=tuple(name for name in SHUT if name != "inherited descriptor"),
    max_body=64 * MIB,
    settings=(),
)

# Connects to one address and hands the sockets on; it is alone in having a network, and reads nothing from it.
CONNECTOR = replace(
    EXTRACTION,
    kind="connector",
    syscalls="connector",
    required=False,
    denied=tuple(name for name in SHUT if name not in ("inherited descriptor", "connect")),
    max_body=0,
    settings=(),
    namespaces=False,
    why_none="it needs this machine's network",
)

PROBE = replace(REPL, kind="probe")

POLICIES = {policy.kind: policy for policy in (REPL, EXTRACTION, INSPECTION, BUNDLE, ENGINE, EGRESS, CONNECTOR, PROBE)}
