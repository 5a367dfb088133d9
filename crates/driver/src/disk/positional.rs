//! Reading and writing at a place in a file, whatever the system.

use std::{
    fs::File,
    io::{self, IoSlice},
};

/// Parts that one call may write: POSIX promises 16 (`IOV_MAX`), Linux takes 1,024.
#[cfg(unix)]
const PARTS_MAX: usize = if cfg!(target_os = "linux") { 64 } else { 16 };

/// Appends `len` bytes from `offset` to `into`; a file that ends before is an error. No more than that is asked of the
/// system: what lies behind may be a hole, of which it would make pages of zeros to read ahead.
#[cfg(unix)]
pub(super) fn read(file: &File, offset: u64, len: u64, into: &mut Vec<u8>) -> io::Result<()> {
    use rustix::{buffer::spare_capacity, io::Errno};

    let end = into.len() + usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
    let (mut here, mut at) = (into.len(), offset);
    into.reserve_exact(end - here);
    // Memory of just that size need not be zeroed first.
    let is_exact = into.capacity() == end;
    if !is_exact {
        into.resize(end, 0);
    }
    while here < end {
        let read = if is_exact {
            rustix::io::pread(file, spare_capacity(into), at)
        } else {
            rustix::io::pread(file, &mut into[here..], at)
        };
        match read {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => (here, at) = (here + count, at + count as u64),
            Err(Errno::INTR) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

/// Writes the first `len` bytes of `parts` at `offset`, and takes them off.
#[cfg(unix)]
pub(super) fn write(
    file: &File,
    mut offset: u64,
    parts: &mut &mut [IoSlice<'_>],
    mut len: usize,
) -> io::Result<()> {
    use rustix::io::Errno;

    while len > 0 {
        let written = match within(parts, len) {
            0 => rustix::io::pwrite(file, &parts[0][..len], offset),
            whole => rustix::io::pwritev(file, &parts[..whole], offset),
        };
        match written {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                IoSlice::advance_slices(parts, count);
                (offset, len) = (offset + count as u64, len - count);
            }
            Err(Errno::INTR) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

/// How many of the first parts lie wholly within the first `len` bytes, as far as one call takes them.
#[cfg(unix)]
fn within(parts: &[IoSlice<'_>], len: usize) -> usize {
    let ends = parts.iter().scan(0, |end, part| {
        *end += part.len();
        Some(*end)
    });
    ends.take(PARTS_MAX).take_while(|end| *end <= len).count()
}

#[cfg(windows)]
pub(super) fn read(file: &File, offset: u64, len: u64, into: &mut Vec<u8>) -> io::Result<()> {
    use std::os::windows::fs::FileExt;

    let mut at = into.len();
    let end = at + usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
    let start = at;
    into.resize(end, 0);
    while at < end {
        match file.seek_read(&mut into[at..], offset + (at - start) as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => at += count,
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(super) fn write(
    file: &File,
    mut offset: u64,
    parts: &mut &mut [IoSlice<'_>],
    mut len: usize,
) -> io::Result<()> {
    use std::os::windows::fs::FileExt;

    while len > 0 {
        let Some(first) = parts.first() else { return Err(io::ErrorKind::WriteZero.into()) };
        let count = file.seek_write(&first[..first.len().min(len)], offset)?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(parts, count);
        (offset, len) = (offset + count as u64, len - count);
    }
    Ok(())
}

/// Has the system read a part of a file ahead, where it takes such advice.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn read_ahead(file: &File, offset: u64, len: u64) {
    use std::num::NonZeroU64;

    use rustix::fs::{Advice, fadvise};

    // Of more than a device takes at once the kernel reads the beginning.
    const STEP: u64 = 128 * 1024;
    for part in (offset..offset + len).step_by(STEP as usize) {
        fadvise(file, part, NonZeroU64::new(STEP.min(offset + len - part)), Advice::WillNeed).ok();
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn read_ahead(_file: &File, _offset: u64, _len: u64) {}

/// Makes a hole. Where the system or the file system cannot, the bytes simply stay.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn punch(file: &File, offset: u64, len: u64) -> io::Result<()> {
    use rustix::{
        fs::{FallocateFlags, fallocate},
        io::Errno,
    };

    match fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, len) {
        Ok(()) | Err(Errno::OPNOTSUPP) => Ok(()),
        Err(why) => Err(why.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn punch(_file: &File, _offset: u64, _len: u64) -> io::Result<()> {
    Ok(())
}

/// Whether a part of a file is more than a hole.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn has_data(file: &File, offset: u64, len: u64) -> io::Result<bool> {
    use rustix::{
        fs::{SeekFrom, seek},
        io::Errno,
    };

    match seek(file, SeekFrom::Data(offset)) {
        Ok(next) => Ok(next < offset + len),
        Err(Errno::NXIO) => Ok(false),
        Err(_) => Ok(file.metadata()?.len() > offset),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn has_data(file: &File, offset: u64, _len: u64) -> io::Result<bool> {
    Ok(file.metadata()?.len() > offset)
}
