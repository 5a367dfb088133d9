//! The network interface that all traffic is bound to: whether it is there, and which one it is by now.
//!
//! The system holds a bound socket to its interface, so nothing leaves another way when that goes. An interface
//! that comes back under its name is another one to the system: sockets are made anew, and calls wait until then.

#[cfg(any(target_os = "linux", target_os = "android"))]
use std::path::Path;
use std::{io, sync::Arc, time::Duration};

use tokio::{sync::watch, task::AbortHandle};

/// How often the system is asked. What leaves meanwhile is the kernel's affair: nothing.
const EVERY: Duration = Duration::from_secs(1);
/// The flag of an interface that is switched on.
#[cfg(any(target_os = "linux", target_os = "android"))]
const IFF_UP: u32 = 1;

/// An interface by its name. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Interface {
    name: Arc<str>,
    /// Its number while it is there and switched on.
    index: Arc<watch::Sender<Option<u32>>>,
}

impl Interface {
    /// The interface of this name, as it is now.
    pub(crate) fn new(name: &str) -> Self {
        let index = watch::Sender::new(usable(name));
        Self { name: name.into(), index: Arc::new(index) }
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its number, if it is there and switched on.
    pub(crate) fn index(&self) -> Option<u32> {
        *self.index.borrow()
    }

    /// Waits until it is there.
    pub(crate) async fn is_there(&self) {
        let mut index = self.index.subscribe();
        // The sender is ours: it does not end before we do.
        index.wait_for(Option::is_some).await.ok();
    }

    /// Waits until it is there with another number than `known`.
    pub(crate) async fn is_another(&self, known: Option<u32>) {
        let mut index = self.index.subscribe();
        index.wait_for(|index| index.is_some() && *index != known).await.ok();
    }

    /// Keeps an eye on it from now on, and calls `gone` whenever what was bound to it is lost for good.
    pub(crate) fn watch(&self, gone: impl Fn() + Send + 'static) -> AbortHandle {
        let interface = self.clone();
        let watching = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            let mut bound = number(&interface.name).ok();
            loop {
                ticks.tick().await;
                let exists = number(&interface.name).ok();
                interface.update(usable(&interface.name));
                if bound.is_some() && exists != bound {
                    gone();
                }
                bound = exists;
            }
        });
        watching.abort_handle()
    }

    fn update(&self, now: Option<u32>) {
        let changed = self.index.send_if_modified(|index| std::mem::replace(index, now) != now);
        match now {
            _ if !changed => {}
            Some(_) => {
                tracing::warn!(interface = self.name(), "the interface is there: traffic goes on");
            }
            None => tracing::warn!(
                interface = self.name(),
                "the interface is gone, and all traffic with it; nothing goes another way"
            ),
        }
    }
}

/// The number of an interface that can carry something.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn usable(name: &str) -> Option<u32> {
    let flags = read(name, "flags").ok()?;
    let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).ok()?;
    number(name).ok().filter(|_| flags & IFF_UP != 0)
}

/// The number of an interface.
///
/// # Errors
/// There is none of that name.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn number(name: &str) -> io::Result<u32> {
    read(name, "ifindex")?.trim().parse().map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn read(name: &str, what: &str) -> io::Result<String> {
    if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    std::fs::read_to_string(Path::new("/sys/class/net").join(name).join(what))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn usable(_name: &str) -> Option<u32> {
    None
}

/// Other systems are asked in ways that need unsafe code.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn number(_name: &str) -> io::Result<u32> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interface_is_there_or_not() {
        assert_eq!(Interface::new("lo").index(), Some(1));
        for none in ["kinora-none", "", "..", "../../etc", "."] {
            assert_eq!(Interface::new(none).index(), None, "{none}");
        }
    }

    #[tokio::test]
    async fn who_waits_for_it_goes_on_when_it_comes_back() {
        let interface = Interface::new("kinora-none");
        let waits = {
            let interface = interface.clone();
            tokio::spawn(async move {
                interface.is_there().await;
                interface.is_another(Some(7)).await;
            })
        };
        interface.update(Some(7));
        interface.update(None);
        interface.update(Some(8));
        waits.await.expect("it goes on");
    }
}
