//! HTTP/2: right answers, `RST_STREAM` and `GOAWAY`.

use bytes::Bytes;
use tokio::net::TcpStream;

use crate::{Fault, Origin, Protocols, When};

async fn fetch(origin: &Origin) -> Result<Vec<u8>, h2::Error> {
    let socket = TcpStream::connect(origin.address()).await.unwrap();
    let (client, connection) = h2::client::handshake(socket).await?;
    let connection = tokio::spawn(connection);
    let body = read_range(origin, client).await;
    match body {
        // The stream only sees its connection go: the connection knows why.
        Err(error) if error.is_io() => Err(connection.await.unwrap().unwrap_err()),
        other => other,
    }
}

async fn read_range(
    origin: &Origin,
    mut client: h2::client::SendRequest<Bytes>,
) -> Result<Vec<u8>, h2::Error> {
    let request = http::Request::get(origin.url("f"))
        .header("range", "bytes=10-99999")
        .body(())
        .unwrap();
    let (response, _) = client.send_request(request, true)?;
    let response = response.await?;
    assert_eq!(response.status(), 206);
    assert_eq!(response.headers()["content-range"], "bytes 10-99999/100000");
    let mut stream = response.into_body();
    let mut body = Vec::new();
    while let Some(data) = stream.data().await {
        let data: Bytes = data?;
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    Ok(body)
}

#[tokio::test]
async fn a_range_comes_whole_or_ends_with_rst_stream_or_goaway() {
    let builder = || Origin::builder().size(100_000).protocols(Protocols::Http2);
    let origin = builder().start().await.unwrap();
    let body = fetch(&origin).await.unwrap();
    assert_eq!((origin.content().check(10, &body), body.len()), (Ok(()), 99_990));

    let origin = builder()
        .fault(When::Always, Fault::ResetAfter(1_000))
        .start()
        .await
        .unwrap();
    let error = fetch(&origin).await.unwrap_err();
    assert!(error.is_reset(), "{error}");

    let origin = builder()
        .fault(When::Always, Fault::CutAfter(1_000))
        .start()
        .await
        .unwrap();
    let error = fetch(&origin).await.unwrap_err();
    assert!(error.is_go_away(), "{error}");
}
