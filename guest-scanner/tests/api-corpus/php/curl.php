<html><body>https://html.example.com</body>
<?php
$endpoint = 'https://pay.example.com/v1/charge';
$ch = curl_init();
curl_setopt($ch, CURLOPT_URL, $endpoint);
curl_setopt($ch, CURLOPT_POST, 1);
curl_setopt($ch, CURLOPT_USERPWD, $key . ':');
$result = curl_exec($ch);

$other = curl_init('https://pay.example.com/v1/balance/' . $account);
$data = file_get_contents('https://pay.example.com/rates.json');
$local = file_get_contents(__DIR__ . '/config.json');
?>
<p>file_get_contents('https://text.example')</p>
