//! Whose certificates are accepted: those of the system's authorities, those of given ones, and given ones themselves.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::client::invalid;
use crate::error::Error;

/// Trusts the system's authorities and the `given` certificates, as authorities and as servers' own.
pub(super) fn verifier(
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let others = of_authorities(given.clone(), provider)?;
    Ok(if given.is_empty() {
        others
    } else {
        Arc::new(GivenThemselves { given, others })
    })
}

/// As [`verifier`], made when the first certificate comes: reading the system's takes longer than a small download.
pub(super) fn verifier_when_needed(
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Arc<dyn ServerCertVerifier> {
    Arc::new(WhenNeeded {
        given,
        provider,
        made: OnceLock::new(),
    })
}

/// Checks no certificate, for hosts that the user named.
pub(super) fn nothing_checked(provider: Arc<CryptoProvider>) -> Arc<dyn ServerCertVerifier> {
    Arc::new(NoVerification { provider })
}

/// The system's authorities and the given ones; where the system has none, the given ones alone.
fn of_authorities(
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    match of_system(given.clone(), Arc::clone(&provider)) {
        Ok(verifier) => Ok(verifier),
        Err(_) if !given.is_empty() => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(given);
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| invalid(&format!("the certificate authorities cannot be used: {error}")))?;
            Ok(verifier)
        }
        Err(error) => Err(Error::InvalidRequest {
            what: format!("the system has no certificate authorities ({error}); install ca-certificates"),
        }),
    }
}

/// The system's authorities, as the system itself judges by them, and the given ones.
#[cfg(not(target_os = "android"))]
fn of_system(
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(given, provider)?;
    Ok(Arc::new(verifier))
}

/// The system's authorities and the given ones. To be judged by the system itself would take a Java program around us, so
/// its files are read.
#[cfg(target_os = "android")]
fn of_system(
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    use rustls::pki_types::pem::PemObject as _;

    /// Where updates of Android 14 and newer put them, and where each Android has those it came with.
    const FOLDERS: [&str; 2] = [
        "/apex/com.android.conscrypt/cacerts",
        "/system/etc/security/cacerts",
    ];
    let in_folder = |folder: &str| -> Vec<CertificateDer<'static>> {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files
            .filter_map(|file| CertificateDer::from_pem_file(file.path()).ok())
            .collect()
    };
    let of_system = FOLDERS.into_iter().map(in_folder).find(|found| !found.is_empty());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(of_system.unwrap_or_default());
    roots.add_parsable_certificates(given);
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    match verifier {
        Ok(verifier) => Ok(verifier),
        Err(error) => Err(rustls::Error::General(error.to_string())),
    }
}

/// Accepts a certificate that the user gave, byte for byte, for its names and its time; `others` judges the rest.
///
/// `openssl req -x509` makes a server's own certificate one of an authority, which path validation refuses as a
/// server's (RFC 5280 §4.2.1.9 is about paths, and here is none). The user has named this very one.
#[derive(Debug)]
struct GivenThemselves {
    given: Vec<CertificateDer<'static>>,
    others: Arc<dyn ServerCertVerifier>,
}

impl ServerCertVerifier for GivenThemselves {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.given.iter().any(|given| given == shown) {
            return self
                .others
                .verify_server_cert(shown, intermediates, name, ocsp_response, now);
        }
        verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
        verify_time(shown, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.others
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.others
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.others.supported_verify_schemes()
    }
}

/// Makes its verifier when the first certificate comes.
#[derive(Debug)]
struct WhenNeeded {
    given: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    made: OnceLock<Result<Arc<dyn ServerCertVerifier>, String>>,
}

impl ServerCertVerifier for WhenNeeded {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let made = self.made.get_or_init(|| {
            let made = verifier(self.given.clone(), Arc::clone(&self.provider));
            made.map_err(|error| error.to_string())
        });
        match made {
            Ok(made) => made.verify_server_cert(shown, intermediates, name, ocsp_response, now),
            Err(reason) => Err(rustls::Error::General(reason.clone())),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn verify_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let seconds = |time: x509_parser::time::ASN1Time| {
        let since_epoch = u64::try_from(time.timestamp()).unwrap_or(0);
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(since_epoch))
    };
    let (not_before, not_after) = (
        seconds(parsed.validity.not_before),
        seconds(parsed.validity.not_after),
    );
    if now < not_before {
        return Err(CertificateError::NotValidYetContext {
            time: now,
            not_before,
        }
        .into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    Ok(())
}

/// Accepts every certificate; signatures are still checked.
#[derive(Debug)]
struct NoVerification {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for NoVerification {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
