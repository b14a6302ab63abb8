//! A bus of a test's own, and somebody on it who answers as he is told and keeps what he was asked.

use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use gio::glib::{MainContext, MainLoop, ToVariant as _, Variant};
use gio::{Cancellable, DBusConnection, DBusConnectionFlags, DBusNodeInfo, UnixFDList};

use crate::bus::Peer;

/// Somebody on a bus, until he is dropped.
pub(crate) struct StandIn {
    daemon: Child,
    bus: DBusConnection,
    calls: Arc<Mutex<Vec<(String, Variant)>>>,
    answering: MainLoop,
}

impl StandIn {
    /// Takes a peer's name on a new bus. `interface` is what stands within the interface's description; `answer` is asked
    /// for a method's whole answer, or a property's value, by its name.
    pub(crate) fn start(
        peer: Peer,
        interface: &str,
        answer: impl Fn(&str) -> Variant + Send + Sync + 'static,
    ) -> Self {
        Self::start_with_file(peer, interface, None, answer)
    }

    /// The same, with an open file in the first answer to a method.
    pub(crate) fn start_with_file(
        peer: Peer,
        interface: &str,
        file: Option<OwnedFd>,
        answer: impl Fn(&str) -> Variant + Send + Sync + 'static,
    ) -> Self {
        let file = Mutex::new(file);
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed");
        let mut address = String::new();
        let output = daemon.stdout.take().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut address)
            .expect("it says where it is");
        let address = address.trim().to_owned();

        let calls = Arc::new(Mutex::new(Vec::new()));
        let description = format!(
            "<node><interface name='{}'>{interface}</interface></node>",
            peer.interface
        );
        let (ready, begun) = mpsc::channel();
        let (his, kept) = (address.clone(), Arc::clone(&calls));
        thread::spawn(move || {
            let context = MainContext::new();
            let answering = MainLoop::new(Some(&context), false);
            context
                .with_thread_default(|| {
                    let bus = connect(&his);
                    let described = DBusNodeInfo::for_xml(&description).expect("a description");
                    let described = described
                        .lookup_interface(peer.interface)
                        .expect("it is in there");
                    let answer = Arc::new(answer);
                    let property = Arc::clone(&answer);
                    bus.register_object(
                        peer.path,
                        &described,
                        move |_, _, _, _, method, parameters, call| {
                            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                            kept.push((method.to_owned(), parameters));
                            let file = file.lock().unwrap_or_else(PoisonError::into_inner).take();
                            let files = file.map(|file| UnixFDList::from_array([file]));
                            call.return_value_with_unix_fd_list(Some(&answer(method)), files.as_ref());
                        },
                        move |_, _, _, _, name| property(name),
                        |_, _, _, _, _, _| false,
                    )
                    .expect("nobody else is there");
                    take_name(&bus, peer.name);
                    ready.send(answering.clone()).expect("the test waits");
                    answering.run();
                })
                .expect("the thread is new");
        });
        Self {
            answering: begun.recv().expect("it begins"),
            bus: connect(&address),
            daemon,
            calls,
        }
    }

    /// The bus, as somebody else on it.
    pub(crate) fn bus(&self) -> &DBusConnection {
        &self.bus
    }

    /// With what a method was called, in order.
    pub(crate) fn calls(&self, method: &str) -> Vec<Variant> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls
            .iter()
            .filter(|(called, _)| called == method)
            .map(|(_, parameters)| parameters.clone())
            .collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.answering.quit();
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn connect(address: &str) -> DBusConnection {
    let flags = DBusConnectionFlags::AUTHENTICATION_CLIENT | DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    let bus =
        DBusConnection::for_address_sync(address, flags, None, Cancellable::NONE).expect("the bus is there");
    // Its end is the test's own doing.
    bus.set_exit_on_close(false);
    bus
}

fn take_name(bus: &DBusConnection, name: &str) {
    const NO_WAITING: u32 = 4;
    const DAEMON: Peer = Peer {
        name: "org.freedesktop.DBus",
        path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus",
    };
    DAEMON
        .call(bus, "RequestName", &(name, NO_WAITING).to_variant())
        .expect("the name is free");
}
