//! RTF as a sequence of tokens.

/// A piece of RTF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Open,
    Close,
    /// A control word without its backslash, with its number if it has one.
    Word(&'a [u8], Option<i32>),
    /// A control symbol, such as `\~`.
    Symbol(u8),
    /// `\'xx`
    Hex(u8),
    /// Characters of the text; line ends are left out, as they mean nothing.
    Text(&'a [u8]),
}

/// Splits RTF into tokens.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(rtf: &'a [u8]) -> Self {
        Self { rest: rtf }
    }

    /// Passes over the raw bytes of a `\bin` control.
    pub(crate) fn pass_over(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn control(&mut self) -> Option<Token<'a>> {
        let first = *self.rest.first()?;
        if first == b'\'' {
            self.take(1);
            let digit = |byte: Option<&u8>| (*byte? as char).to_digit(16);
            let (Some(high), Some(low)) = (digit(self.rest.first()), digit(self.rest.get(1))) else {
                return Some(Token::Symbol(b'\''));
            };
            self.take(2);
            return Some(Token::Hex((high * 16 + low) as u8));
        }
        if !first.is_ascii_alphabetic() {
            self.take(1);
            return Some(Token::Symbol(first));
        }
        let letters = self.rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = self.take(letters);
        let negative = self.rest.first() == Some(&b'-') && self.rest.get(1).is_some_and(u8::is_ascii_digit);
        if negative {
            self.take(1);
        }
        let digits = self.rest.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let number =
            self.take(digits).iter().fold(0i64, |number, digit| number * 10 + i64::from(digit - b'0'));
        let number = if negative { -number } else { number };
        let number = (digits > 0).then(|| number.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        if self.rest.first() == Some(&b' ') {
            self.take(1);
        }
        Some(Token::Word(word, number))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match *self.rest.first()? {
                b'{' => {
                    self.take(1);
                    return Some(Token::Open);
                }
                b'}' => {
                    self.take(1);
                    return Some(Token::Close);
                }
                b'\\' => {
                    self.take(1);
                    return self.control();
                }
                b'\r' | b'\n' | 0 => {
                    self.take(1);
                }
                _ => {
                    let special = |byte: &u8| matches!(byte, b'{' | b'}' | b'\\' | b'\r' | b'\n' | 0);
                    let length = self.rest.iter().position(special).unwrap_or(self.rest.len());
                    return Some(Token::Text(self.take(length)));
                }
            }
        }
    }
}
