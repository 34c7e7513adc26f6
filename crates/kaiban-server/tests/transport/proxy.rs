//! A line to a server that can be cut.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

pub struct Proxy {
    pub endpoint: String,
    lines: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Proxy {
    /// To `http://host:port`.
    pub async fn open(endpoint: &str) -> Proxy {
        let target = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let lines: Arc<Mutex<Vec<AbortHandle>>> = Arc::default();
        let opened = Arc::clone(&lines);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let target = target.clone();
                let line = tokio::spawn(async move {
                    let mut far = TcpStream::connect(target).await.unwrap();
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
                opened.lock().unwrap().push(line.abort_handle());
            }
        });
        Proxy { endpoint, lines }
    }

    /// Breaks all connections that are open now.
    pub fn cut(&self) {
        self.lines.lock().unwrap().drain(..).for_each(|line| line.abort());
    }
}
