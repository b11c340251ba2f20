//! Attachments of many megabytes, made while they are read.

use std::io::{self, Cursor, Read};

use mailscope_pst::write::ContentSource;

use crate::random::{Purpose, Random};

/// What a large file is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A sound recording
    Wave,
    /// A picture without compression
    Bitmap,
    /// A log of a machine
    Log,
}

/// A large file: a head, and a body that is drawn from numbers.
#[derive(Debug)]
pub struct Large {
    kind: Kind,
    seed: u64,
    size: u64,
}

impl Large {
    /// A file of about `size` bytes, below 2 GB.
    pub fn new(kind: Kind, seed: u64, size: u64) -> Self {
        Self { kind, seed, size: size.min(0x7000_0000) / 4096 * 4096 }
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.head().len() as u64 + self.size
    }

    fn head(&self) -> Vec<u8> {
        let size = self.size as u32;
        let words = |values: &[u32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        match self.kind {
            // RIFF: PCM, two channels of 16 bits, 44,100 a second.
            Kind::Wave => [
                b"RIFF".as_slice(),
                &words(&[size + 36]),
                b"WAVEfmt ",
                &words(&[16, 0x0002_0001, 44_100, 176_400, 0x0010_0004]),
                b"data",
                &words(&[size]),
            ]
            .concat(),
            // BITMAPFILEHEADER and BITMAPINFOHEADER: rows of 1,024 pixels of 32 bits.
            Kind::Bitmap => [
                b"BM".as_slice(),
                &words(&[size + 54, 0, 54, 40, 1024, size / 4096, 0x0020_0001, 0, size, 2835, 2835, 0, 0]),
            ]
            .concat(),
            Kind::Log => Vec::new(),
        }
    }
}

impl ContentSource for Large {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let body = Body {
            kind: self.kind,
            random: Random::new(self.seed, Purpose::Files, self.size),
            part: Vec::new(),
            at: 0,
            line: 0,
        };
        Ok(Box::new(Cursor::new(self.head()).chain(body.take(self.size))))
    }
}

struct Body {
    kind: Kind,
    random: Random,
    part: Vec<u8>,
    at: usize,
    line: u64,
}

impl Body {
    fn fill(&mut self) {
        self.part.clear();
        self.at = 0;
        match self.kind {
            Kind::Wave | Kind::Bitmap => {
                for _ in 0..8192 {
                    self.part.extend_from_slice(&self.random.next().to_le_bytes());
                }
            }
            Kind::Log => {
                for _ in 0..512 {
                    self.line += 1;
                    let [a, b] = [self.random.below(1 << 40), self.random.below(997)];
                    let line =
                        format!("{:010} unit {b:03} state {:012x} ok={}\r\n", self.line, a, a % 31 != 0);
                    self.part.extend_from_slice(line.as_bytes());
                }
            }
        }
    }
}

impl Read for Body {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.part.len() {
            self.fill();
        }
        let count = out.len().min(self.part.len() - self.at);
        out[..count].copy_from_slice(&self.part[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
